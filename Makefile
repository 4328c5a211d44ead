# keylessd: GNU make and BSD make alike.
#
#	make			build the programs and the module
#	make demo		install what is missing, build, show it at work
#	make check		install what is missing, build, run all tests
#	make soak		ten minutes of load and faults
#	make fuzz		run the fuzzers for FUZZ_TIME seconds (300)
#	make fuzz-cover		which lines their corpora reach
#	make bench		measure what it costs
#	make install		under $(DESTDIR)$(PREFIX)
#	make install-systemd	units, users, directories; as root, what those
#	make install-apparmor	and these say is still to be done
#	make install-openbsd
#	make uninstall		all of these
#	make dist		build/keylessd-VERSION.tar.gz of what is committed
#	make deb		packages for Debian, in build/deb
#	make deb-check		install, upgrade and purge them in a fresh Debian
#
# Knobs: CC, CFLAGS, LDFLAGS, PREFIX, SYSCONFDIR, PKCS11DIR, DESTDIR,
# PKG_CONFIG; FUZZ_CC, FUZZ_TIME.  make and make install must be given the same
# places: programs have them built in.

PREFIX =	/usr/local
SYSCONFDIR =	/etc
SBINDIR =	$(PREFIX)/sbin
LIBEXECDIR =	$(PREFIX)/libexec/keylessd
PKCS11DIR =	$(PREFIX)/lib/pkcs11
MANDIR =	$(PREFIX)/share/man
BASHDIR =	$(PREFIX)/share/bash-completion/completions
DOCDIR =	$(PREFIX)/share/doc/keylessd
UNITDIR =	$(PREFIX)/lib/systemd/system
SYSUSERSDIR =	$(PREFIX)/lib/sysusers.d
TMPFILESDIR =	$(PREFIX)/lib/tmpfiles.d
APPARMORDIR =	$(SYSCONFDIR)/apparmor.d
RCDIR =		/etc/rc.d
EMPTYDIR =	/var/empty

CFLAGS =	-O2 -g
PKG_CONFIG =	pkg-config
INSTALL =	install
MANDOC =	mandoc

WARNINGS =	-Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes
HARDENING =	-fPIC -fstack-protector-strong -fvisibility=hidden \
		-D_FORTIFY_SOURCE=2
HARDENING_LD =	-pie -Wl,-z,relro -Wl,-z,now
# Never unloaded: threads and fork handlers may still be about to use it.
MODULE_LD =	-shared -pthread -Wl,-z,relro -Wl,-z,now -Wl,-z,nodelete
DEFINES =	-D_GNU_SOURCE -DSBINDIR='"$(SBINDIR)"' \
		-DLIBEXECDIR='"$(LIBEXECDIR)"' \
		-DSYSCONFDIR='"$(SYSCONFDIR)"' -DEMPTYDIR='"$(EMPTYDIR)"'
INCLUDES =	-Ilib -Iweb -Ikeyless-signer -Ikeyless-signer-cloud
COMPILE =	$(CC) -std=c11 $(DEFINES) $(INCLUDES) $(HARDENING) $(WARNINGS) \
		$(CFLAGS) $(CPPFLAGS)
LINK =		$(CC) $(CFLAGS) $(HARDENING_LD) $(LDFLAGS)

# On Linux alone: elsewhere there is no such package, and it is not needed.
SANDBOX_LIBS =	`$(PKG_CONFIG) --silence-errors --libs libseccomp`
DAEMON_LIBS =	`$(PKG_CONFIG) --libs libtls libcrypto libevent_extra \
		libevent_core yaml-0.1` $(SANDBOX_LIBS)
SIGNER_LIBS =	`$(PKG_CONFIG) --libs libpkcs11-helper-1 libcrypto` -pthread \
		$(SANDBOX_LIBS)
WEB_LIBS =	`$(PKG_CONFIG) --libs libcurl jansson libssl libcrypto` \
		-pthread $(SANDBOX_LIBS)
MODULE_LIBS =	`$(PKG_CONFIG) --libs libtls libcrypto yaml-0.1`
CTL_LIBS =	`$(PKG_CONFIG) --libs yaml-0.1 libcrypto` $(SANDBOX_LIBS)
CLIENT_LIBS =	`$(PKG_CONFIG) --libs libtls libcrypto`
BENCH_LIBS =	`$(PKG_CONFIG) --libs libssl libcrypto`
UNIT_LIBS =	`$(PKG_CONFIG) --libs libcrypto`
EDGE_LIBS =	`$(PKG_CONFIG) --libs libcrypto` -ldl
TLSLOAD_LIBS =	`$(PKG_CONFIG) --libs libssl libcrypto`
CONF_LIBS =	`$(PKG_CONFIG) --libs yaml-0.1`

LIB =		lib/libkeyless.a

LIB_OBJS = \
	lib/buf.o \
	lib/clouduri.o \
	lib/compat.o \
	lib/config_scan.o \
	lib/config_value.o \
	lib/config_yaml.o \
	lib/emsa.o \
	lib/errcount.o \
	lib/enrollmsg.o \
	lib/hex.o \
	lib/ipc.o \
	lib/keyid.o \
	lib/latency.o \
	lib/libcrypto.o \
	lib/log.o \
	lib/loglimit.o \
	lib/logline.o \
	lib/modprofile.o \
	lib/netaddr.o \
	lib/opcode.o \
	lib/pair_check.o \
	lib/pair_key.o \
	lib/pair_place.o \
	lib/pk11uri.o \
	lib/place.o \
	lib/privdrop.o \
	lib/sandbox_linux.o \
	lib/sandbox_linux_calls.o \
	lib/sandbox_linux_caps.o \
	lib/sandbox_linux_landlock.o \
	lib/sandbox_linux_ns.o \
	lib/sandbox_linux_seccomp.o \
	lib/sandbox_openbsd.o \
	lib/secmem.o \
	lib/signmsg.o \
	lib/started.o \
	lib/wire.o

LIB_HDRS = \
	lib/buf.h \
	lib/channel.h \
	lib/clouduri.h \
	lib/compat.h \
	lib/config_scan.h \
	lib/config_yaml.h \
	lib/emsa.h \
	lib/errcount.h \
	lib/enrollmsg.h \
	lib/hex.h \
	lib/ipc.h \
	lib/keyid.h \
	lib/latency.h \
	lib/libcrypto.h \
	lib/log.h \
	lib/loglimit.h \
	lib/logline.h \
	lib/modprofile.h \
	lib/msg.h \
	lib/netaddr.h \
	lib/opcode.h \
	lib/pair.h \
	lib/paths.h \
	lib/pk11uri.h \
	lib/place.h \
	lib/privdrop.h \
	lib/sandbox.h \
	lib/sandbox_linux.h \
	lib/sandbox_linux_calls.h \
	lib/secmem.h \
	lib/signmsg.h \
	lib/started.h \
	lib/version.h \
	lib/wire.h

CONF_OBJS = \
	keylessd/advice.o \
	keylessd/config.o \
	keylessd/config_access.o \
	keylessd/config_enroll.o \
	keylessd/config_env.o \
	keylessd/config_listen.o \
	keylessd/config_print.o \
	keylessd/config_secret.o \
	keylessd/config_store.o \
	keylessd/secretfile.o

DAEMON_OBJS = \
	$(CONF_OBJS) \
	keylessd/accept.o \
	keylessd/activated.o \
	keylessd/audit.o \
	keylessd/auditfile.o \
	keylessd/auditsink.o \
	keylessd/authcert.o \
	keylessd/bucket.o \
	keylessd/certlabels.o \
	keylessd/check.o \
	keylessd/child.o \
	keylessd/clients.o \
	keylessd/conn.o \
	keylessd/connlife.o \
	keylessd/control.o \
	keylessd/control_show.o \
	keylessd/cost.o \
	keylessd/drain.o \
	keylessd/enroll.o \
	keylessd/enroller.o \
	keylessd/enrolljob.o \
	keylessd/expiry.o \
	keylessd/figures.o \
	keylessd/expirylevel.o \
	keylessd/flow.o \
	keylessd/frontconf.o \
	keylessd/frontend.o \
	keylessd/frontproc.o \
	keylessd/frontproc_life.o \
	keylessd/frontproc_recv.o \
	keylessd/gather.o \
	keylessd/health.o \
	keylessd/http.o \
	keylessd/keyfiles.o \
	keylessd/keyinfo.o \
	keylessd/keytab.o \
	keylessd/launch.o \
	keylessd/launcher.o \
	keylessd/launchproc.o \
	keylessd/listen.o \
	keylessd/main.o \
	keylessd/manners.o \
	keylessd/metrics.o \
	keylessd/metrics_daemon.o \
	keylessd/metrics_keyless.o \
	keylessd/metrics_sets.o \
	keylessd/missing.o \
	keylessd/notify.o \
	keylessd/parent.o \
	keylessd/pending.o \
	keylessd/pidfile.o \
	keylessd/promtext.o \
	keylessd/queue.o \
	keylessd/reload.o \
	keylessd/reqid.o \
	keylessd/request.o \
	keylessd/sandboxes.o \
	keylessd/sandboxtab.o \
	keylessd/scrape.o \
	keylessd/sets.o \
	keylessd/setup.o \
	keylessd/shared.o \
	keylessd/shared_sets.o \
	keylessd/siblings.o \
	keylessd/signer_recv.o \
	keylessd/signer_send.o \
	keylessd/signers.o \
	keylessd/sources.o \
	keylessd/tlsreason.o \
	keylessd/strangers.o \
	keylessd/tlsserver.o \
	lib/channel.o

DAEMON_HDRS = \
	keylessd/advice.h \
	keylessd/audit.h \
	keylessd/auditsink.h \
	keylessd/authcert.h \
	keylessd/bucket.h \
	keylessd/certlabels.h \
	keylessd/config.h \
	keylessd/config_access.h \
	keylessd/config_enroll.h \
	keylessd/config_env.h \
	keylessd/config_listen.h \
	keylessd/config_secret.h \
	keylessd/config_store.h \
	keylessd/conn.h \
	keylessd/control.h \
	keylessd/enroll.h \
	keylessd/expiry.h \
	keylessd/figures.h \
	keylessd/frontend.h \
	keylessd/frontproc.h \
	keylessd/health.h \
	keylessd/http.h \
	keylessd/keyinfo.h \
	keylessd/launch.h \
	keylessd/metrics.h \
	keylessd/notify.h \
	keylessd/parent.h \
	keylessd/promtext.h \
	keylessd/missing.h \
	keylessd/notify.h \
	keylessd/parent.h \
	keylessd/reqid.h \
	keylessd/secretfile.h \
	keylessd/setup.h \
	keylessd/shared.h \
	keylessd/siblings.h \
	keylessd/signers.h \
	keylessd/sources.h \
	keylessd/strangers.h

# What keyless-signer and keyless-signer-cloud have in common.
SIGNER_LIB =	keyless-signer/libsigner.a
SIGNER_LIB_OBJS = \
	keyless-signer/key.o \
	keyless-signer/main.o \
	keyless-signer/orphan.o \
	keyless-signer/pubkey.o \
	keyless-signer/serve.o \
	keyless-signer/sigenc.o \
	keyless-signer/view.o \
	keyless-signer/waiting.o

SIGNER_OBJS = \
	keyless-signer/keydecode.o \
	keyless-signer/keyfile.o \
	keyless-signer/p11.o \
	keyless-signer/p11backend.o \
	keyless-signer/p11enc.o \
	keyless-signer/p11err.o \
	keyless-signer/p11found.o \
	keyless-signer/p11key.o \
	keyless-signer/p11login.o \
	keyless-signer/p11mech.o \
	keyless-signer/p11obj.o \
	keyless-signer/p11op.o \
	keyless-signer/p11pub.o \
	keyless-signer/p11session.o \
	keyless-signer/p11setup.o \
	keyless-signer/p11token.o \
	keyless-signer/softkey.o

SIGNER_HDRS = \
	keyless-signer/p11.h \
	keyless-signer/pubkey.h \
	keyless-signer/sigenc.h \
	keyless-signer/signer.h \
	keyless-signer/waiting.h

CLOUD =		keyless-signer/keyless-signer-cloud
CLOUD_OBJS = \
	keyless-signer-cloud/aws.o \
	keyless-signer-cloud/awsauth.o \
	keyless-signer-cloud/azure.o \
	keyless-signer-cloud/azureauth.o \
	keyless-signer-cloud/cloud.o \
	keyless-signer-cloud/digest.o \
	keyless-signer-cloud/file.o \
	keyless-signer-cloud/google.o \
	keyless-signer-cloud/googleauth.o \
	keyless-signer-cloud/jwt.o \
	keyless-signer-cloud/sigv4.o \
	keyless-signer-cloud/token.o \
	keyless-signer-cloud/view.o

CLOUD_HDRS = \
	keyless-signer-cloud/cloud.h \
	keyless-signer-cloud/digest.h \
	keyless-signer-cloud/jwt.h \
	keyless-signer-cloud/sigv4.h

# Those that need neither libcurl nor jansson.
CODEC_OBJS = \
	keyless-signer-cloud/digest.o \
	keyless-signer-cloud/jwt.o \
	keyless-signer-cloud/sigv4.o \
	web/enc.o

# For programs that ask web services; with WEB_LIBS.
WEB_OBJS = \
	web/call.o \
	web/enc.o \
	web/http.o \
	web/json.o \
	web/mem.o

WEB_HDRS = \
	web/call.h \
	web/enc.h \
	web/http.h \
	web/json.h \
	web/mem.h

# It is beside keyless-signer, as when installed: keylessd finds it there.
ENROLL =	keyless-signer/keyless-enroll
ENROLL_OBJS = \
	keyless-enroll/ask.o \
	keyless-enroll/main.o
ENROLL_HDRS =	keyless-enroll/enroll.h

CTL_PART_OBJS = \
	keylessctl/answer.o \
	keylessctl/commands.o \
	keylessctl/completion.o \
	keylessctl/conf.o \
	keylessctl/connect.o \
	keylessctl/convert.o \
	keylessctl/enroll.o \
	keylessctl/enroll_query.o \
	keylessctl/enroll_terminal.o \
	keylessctl/json.o \
	keylessctl/monitor.o \
	keylessctl/orders.o \
	keylessctl/parser.o \
	keylessctl/rate.o \
	keylessctl/run.o \
	keylessctl/show.o \
	keylessctl/show_config.o \
	keylessctl/show_connections.o \
	keylessctl/show_keys.o \
	keylessctl/show_sandbox.o \
	keylessctl/show_signers.o \
	keylessctl/show_stats.o \
	keylessctl/show_stores.o \
	keylessctl/show_tokens.o \
	keylessctl/show_version.o \
	keylessctl/table.o \
	keylessctl/text.o \
	keylessctl/units.o
CTL_OBJS =	$(CTL_PART_OBJS) keylessctl/keylessctl.o

CTL_HDRS = \
	keylessctl/enroll.h \
	keylessctl/json.h \
	keylessctl/keylessctl.h \
	keylessctl/parser.h \
	keylessctl/rate.h \
	keylessctl/table.h \
	keylessctl/text.h \
	keylessctl/units.h

MODULE =	keyless-pkcs11/keyless-pkcs11.so

MODULE_OBJS = \
	keyless-pkcs11/attribute.o \
	keyless-pkcs11/certs.o \
	keyless-pkcs11/clock.o \
	keyless-pkcs11/conf.o \
	keyless-pkcs11/conn.o \
	keyless-pkcs11/decrypt.o \
	keyless-pkcs11/dispatch.o \
	keyless-pkcs11/encode.o \
	keyless-pkcs11/find.o \
	keyless-pkcs11/guest.o \
	keyless-pkcs11/init.o \
	keyless-pkcs11/log.o \
	keyless-pkcs11/login.o \
	keyless-pkcs11/mech.o \
	keyless-pkcs11/module.o \
	keyless-pkcs11/objects.o \
	keyless-pkcs11/operation.o \
	keyless-pkcs11/remote.o \
	keyless-pkcs11/resolve.o \
	keyless-pkcs11/server.o \
	keyless-pkcs11/session.o \
	keyless-pkcs11/sign.o \
	keyless-pkcs11/slot.o \
	keyless-pkcs11/stub.o \
	keyless-pkcs11/tlsconf.o

MODULE_HDRS = \
	keyless-pkcs11/conf.h \
	keyless-pkcs11/dispatch.h \
	keyless-pkcs11/guest.h \
	keyless-pkcs11/module.h \
	keyless-pkcs11/object.h \
	keyless-pkcs11/remote.h

CLIENT_OBJS = \
	regress/client/commands.o \
	regress/client/conn.o \
	regress/client/load.o \
	regress/client/main.o \
	regress/client/measure.o \
	regress/client/pubkey.o \
	regress/client/request.o \
	regress/client/run.o \
	regress/client/verify.o

UNIT_TESTS = \
	regress/unit/test_clouduri \
	regress/unit/test_compat \
	regress/unit/test_emsa \
	regress/unit/test_errcount \
	regress/unit/test_ipc \
	regress/unit/test_keyid \
	regress/unit/test_latency \
	regress/unit/test_log \
	regress/unit/test_opcode \
	regress/unit/test_pk11uri \
	regress/unit/test_signmsg \
	regress/unit/test_wire

CTL_TESTS = \
	regress/unit/test_ctlparser \
	regress/unit/test_json \
	regress/unit/test_rate \
	regress/unit/test_table \
	regress/unit/test_units
CLOUD_TESTS = \
	regress/unit/test_enc \
	regress/unit/test_jwt \
	regress/unit/test_sigv4
FRONT_TESTS =	regress/unit/test_bucket regress/unit/test_expiry
FLOW_TEST =	regress/unit/test_flow
SOURCES_TEST =	regress/unit/test_sources
WAITING_TEST =	regress/unit/test_waiting
MODULE_TEST =	regress/unit/test_encode
PROM_TEST =	regress/unit/test_promtext
AUDIT_TEST =	regress/unit/test_audit
PAIR_TEST =	regress/unit/test_pair
CALL_TEST =	regress/unit/test_call
CAPTURED =	regress/captured/keylessd regress/captured/keyless-signer \
		regress/captured/attack
CAPTURED_CLOUD = regress/captured/keyless-signer-cloud
PLAIN =		regress/plain/keylessd regress/plain/keyless-signer

CAPTURED_OBJS = \
	regress/captured/attack.o \
	regress/captured/hook.o \
	regress/captured/hook_signer.o \
	regress/captured/main.o \
	regress/captured/parent.o

QUIRK_SRCS = \
	regress/module/control.c \
	regress/module/names.c \
	regress/module/object.c \
	regress/module/quirk.c \
	regress/module/sign.c \
	regress/module/state.c \
	regress/module/token.c

BENCH = \
	regress/bench/connect \
	regress/bench/limit \
	regress/bench/lookup \
	regress/bench/manykeys \
	regress/bench/quiet
MKCERT_OBJS =	regress/enroll/issue.o regress/enroll/mkcert.o
FAKE_OBJS =	regress/ctl/fakedaemon.o regress/ctl/honest.o regress/ctl/lies.o

EDGE_OBJS = \
	regress/pkcs11/args.o \
	regress/pkcs11/decrypt.o \
	regress/pkcs11/forks.o \
	regress/pkcs11/load.o \
	regress/pkcs11/main.o \
	regress/pkcs11/sign.o

REGRESS = \
	$(BENCH) \
	$(UNIT_TESTS) \
	$(CTL_TESTS) \
	$(CLOUD_TESTS) \
	$(FRONT_TESTS) \
	$(FLOW_TEST) \
	$(SOURCES_TEST) \
	$(WAITING_TEST) \
	$(MODULE_TEST) \
	$(PROM_TEST) \
	$(AUDIT_TEST) \
	$(PAIR_TEST) \
	$(CALL_TEST) \
	$(CAPTURED) \
	$(PLAIN) \
	regress/client/keyless-client \
	regress/conf/confcheck \
	regress/ctl/fakedaemon \
	regress/enroll/mkcert \
	regress/memory/memscan \
	regress/module/drive \
	regress/module/quirk.so \
	regress/pkcs11/p11edge \
	regress/pkcs11/tlsload

PROGRAMS =	keylessd/keylessd keyless-signer/keyless-signer \
		keylessctl/keylessctl

MAN5 = \
	man/keyless-pkcs11.conf.5 \
	man/keylessd.conf.5

MAN7 = \
	man/keyless-cloud.7 \
	man/keyless-migration.7 \
	man/keyless.7 \
	man/keylessd-metrics.7

MAN8 = \
	man/keyless-enroll.8 \
	man/keyless-pkcs11.8 \
	man/keyless-signer.8 \
	man/keylessctl.8 \
	man/keylessd.8

.SUFFIXES: .c .o

all: $(PROGRAMS) $(MODULE) cloud

.c.o:
	$(COMPILE) `$(PKG_CONFIG) --cflags libpkcs11-helper-1` \
	    `$(PKG_CONFIG) --silence-errors --cflags libcurl jansson` -c -o $@ $<

$(LIB): $(LIB_OBJS)
	rm -f $@
	$(AR) rc $@ $(LIB_OBJS)

keylessd/keylessd: $(DAEMON_OBJS) $(LIB)
	$(LINK) -o $@ $(DAEMON_OBJS) $(LIB) $(DAEMON_LIBS)

$(SIGNER_LIB): $(SIGNER_LIB_OBJS)
	rm -f $@
	$(AR) rc $@ $(SIGNER_LIB_OBJS)

# The module's function list goes to pkcs11-helper through the program's own
# symbol table.
keyless-signer/keyless-signer: $(SIGNER_OBJS) $(SIGNER_LIB) $(LIB)
	$(LINK) -rdynamic -o $@ $(SIGNER_OBJS) $(SIGNER_LIB) $(LIB) \
	    $(SIGNER_LIBS)

# For keys in clouds.  It alone needs libcurl and jansson; without them the
# rest is built.
cloud: $(SIGNER_LIB) $(LIB) $(CODEC_OBJS)
	@if $(PKG_CONFIG) --exists libcurl jansson; then \
	    $(MAKE) $(CLOUD) $(ENROLL); \
	else \
	    echo "no libcurl or jansson here: no keyless-signer-cloud," \
		"no keyless-enroll"; \
	fi

$(CLOUD): $(CLOUD_OBJS) $(WEB_OBJS) $(SIGNER_LIB) $(LIB)
	$(LINK) -o $@ $(CLOUD_OBJS) $(WEB_OBJS) $(SIGNER_LIB) $(LIB) \
	    $(WEB_LIBS)

keylessctl/keylessctl: $(CTL_OBJS) $(CONF_OBJS) $(LIB)
	$(LINK) -o $@ $(CTL_OBJS) $(CONF_OBJS) $(LIB) $(CTL_LIBS)

$(MODULE): $(MODULE_OBJS) $(LIB)
	$(CC) $(CFLAGS) $(MODULE_LD) $(LDFLAGS) -o $@ $(MODULE_OBJS) $(LIB) \
	    $(MODULE_LIBS)

$(ENROLL): $(ENROLL_OBJS) $(WEB_OBJS) $(LIB)
	$(LINK) -o $@ $(ENROLL_OBJS) $(WEB_OBJS) $(LIB) $(WEB_LIBS)

$(LIB_OBJS): $(LIB_HDRS)
$(ENROLL_OBJS): $(LIB_HDRS) $(WEB_HDRS) $(ENROLL_HDRS)
$(DAEMON_OBJS): $(LIB_HDRS) $(DAEMON_HDRS)
$(SIGNER_LIB_OBJS) $(SIGNER_OBJS): $(LIB_HDRS) $(SIGNER_HDRS)
$(CLOUD_OBJS): $(LIB_HDRS) $(SIGNER_HDRS) $(CLOUD_HDRS) $(WEB_HDRS)
$(WEB_OBJS): $(LIB_HDRS) $(WEB_HDRS)
$(CTL_OBJS): $(LIB_HDRS) $(CTL_HDRS)
$(MODULE_OBJS): $(LIB_HDRS) $(MODULE_HDRS)
$(CLIENT_OBJS): $(LIB_HDRS) regress/client/client.h

# What the tests need beside the programs.
regress: all $(REGRESS) captured-cloud

regress/client/keyless-client: $(CLIENT_OBJS) $(LIB)
	$(LINK) -o $@ $(CLIENT_OBJS) $(LIB) $(CLIENT_LIBS)

regress/conf/confcheck: regress/conf/confcheck.o $(CONF_OBJS) $(LIB)
	$(LINK) -o $@ regress/conf/confcheck.o $(CONF_OBJS) $(LIB) $(CONF_LIBS)

$(UNIT_TESTS): $(UNIT_TESTS:=.o) $(LIB)
	$(LINK) -o $@ $@.o $(LIB) $(UNIT_LIBS)

$(CTL_TESTS): $(CTL_TESTS:=.o) $(CTL_PART_OBJS) $(CONF_OBJS) $(LIB)
	$(LINK) -o $@ $@.o $(CTL_PART_OBJS) $(CONF_OBJS) $(LIB) $(CTL_LIBS)

$(CLOUD_TESTS): $(CLOUD_TESTS:=.o) $(CODEC_OBJS) $(SIGNER_LIB) $(LIB)
	$(LINK) -o $@ $@.o $(CODEC_OBJS) keyless-signer/pubkey.o \
	    keyless-signer/sigenc.o $(LIB) $(UNIT_LIBS)

$(CLOUD_TESTS:=.o): $(LIB_HDRS) $(CLOUD_HDRS) $(WEB_HDRS) \
		keyless-signer/sigenc.h regress/unit/test.h

FRONT_TEST_OBJS = keylessd/bucket.o keylessd/expirylevel.o

$(FRONT_TESTS): $(FRONT_TESTS:=.o) $(FRONT_TEST_OBJS) $(LIB)
	$(LINK) -o $@ $@.o $(FRONT_TEST_OBJS) $(LIB)

FLOW_TEST_OBJS = keylessd/cost.o keylessd/flow.o

$(FLOW_TEST): $(FLOW_TEST).o $(FLOW_TEST_OBJS) $(LIB)
	$(LINK) -o $@ $(FLOW_TEST).o $(FLOW_TEST_OBJS) $(LIB)

SOURCES_TEST_OBJS = keylessd/bucket.o keylessd/sources.o

$(SOURCES_TEST): $(SOURCES_TEST).o $(SOURCES_TEST_OBJS) $(LIB)
	$(LINK) -o $@ $(SOURCES_TEST).o $(SOURCES_TEST_OBJS) $(LIB)

$(WAITING_TEST): $(WAITING_TEST).o keyless-signer/waiting.o $(LIB)
	$(LINK) -o $@ $(WAITING_TEST).o keyless-signer/waiting.o $(LIB)

$(WAITING_TEST).o: $(LIB_HDRS) $(SIGNER_HDRS) regress/unit/test.h

PROM_TEST_OBJS = \
	keylessd/figures.o \
	keylessd/promtext.o \
	keylessd/shared.o \
	keylessd/tlsreason.o
PROM_TEST_LIBS = `$(PKG_CONFIG) --libs libevent_core`

$(PROM_TEST): $(PROM_TEST).o $(PROM_TEST_OBJS) $(LIB)
	$(LINK) -o $@ $(PROM_TEST).o $(PROM_TEST_OBJS) $(LIB) $(PROM_TEST_LIBS)

$(PROM_TEST).o: $(LIB_HDRS) $(DAEMON_HDRS) regress/unit/test.h
AUDIT_TEST_OBJS = keylessd/auditsink.o keylessd/reqid.o

$(AUDIT_TEST): $(AUDIT_TEST).o $(AUDIT_TEST_OBJS) $(LIB)
	$(LINK) -o $@ $(AUDIT_TEST).o $(AUDIT_TEST_OBJS) $(LIB)

$(AUDIT_TEST).o: $(LIB_HDRS) $(DAEMON_HDRS) regress/unit/test.h

$(FLOW_TEST).o $(SOURCES_TEST).o: $(LIB_HDRS) $(DAEMON_HDRS) regress/unit/test.h

$(MODULE_TEST): $(MODULE_TEST).o keyless-pkcs11/encode.o
	$(LINK) -o $@ $(MODULE_TEST).o keyless-pkcs11/encode.o

$(MODULE_TEST).o: $(LIB_HDRS) $(MODULE_HDRS) regress/unit/test.h

$(UNIT_TESTS:=.o) $(CTL_TESTS:=.o) $(FRONT_TESTS:=.o): $(LIB_HDRS) $(CTL_HDRS) regress/unit/test.h

# What loads the module, and what loads a web server that has it.
regress/pkcs11/p11edge: $(EDGE_OBJS) $(LIB)
	$(LINK) -pthread -o $@ $(EDGE_OBJS) $(LIB) $(EDGE_LIBS)

regress/pkcs11/tlsload: regress/pkcs11/tlsload.o
	$(LINK) -pthread -o $@ regress/pkcs11/tlsload.o $(TLSLOAD_LIBS)

$(EDGE_OBJS): $(LIB_HDRS) regress/pkcs11/edge.h
# It dies at each of these calls.
$(PAIR_TEST): $(PAIR_TEST).o regress/enroll/issue.o $(LIB)
	$(LINK) -Wl,--wrap=renameat -Wl,--wrap=linkat -Wl,--wrap=unlinkat \
	    -o $@ $(PAIR_TEST).o regress/enroll/issue.o $(LIB) $(UNIT_LIBS)

$(PAIR_TEST).o: $(LIB_HDRS) regress/unit/test.h regress/enroll/issue.h

# Its clock and its services are the test's own.
$(CALL_TEST): $(CALL_TEST).o web/call.o $(LIB)
	$(LINK) -o $@ $(CALL_TEST).o web/call.o $(LIB)

$(CALL_TEST).o: $(LIB_HDRS) $(WEB_HDRS) regress/unit/test.h

# What the API of the tests answers with.
regress/enroll/mkcert: $(MKCERT_OBJS)
	$(LINK) -o $@ $(MKCERT_OBJS) $(UNIT_LIBS)

$(MKCERT_OBJS): regress/enroll/issue.h

# What keylessctl is tried on: a daemon that says anything.
regress/ctl/fakedaemon: $(FAKE_OBJS) $(LIB)
	$(LINK) -o $@ $(FAKE_OBJS) $(LIB)

$(FAKE_OBJS): $(LIB_HDRS) regress/ctl/fake.h

# What the benches need beside the test client.
regress/bench/connect regress/bench/limit regress/bench/manykeys \
		regress/bench/quiet: $(BENCH:=.o) $(LIB)
	$(LINK) -o $@ $@.o $(LIB) $(BENCH_LIBS)

regress/bench/lookup: regress/bench/lookup.o keylessd/keytab.o $(LIB)
	$(LINK) -o $@ regress/bench/lookup.o keylessd/keytab.o $(LIB)

$(BENCH:=.o): $(LIB_HDRS) $(DAEMON_HDRS)

# A PKCS#11 module that misbehaves on demand, and what tests it.
regress/module/quirk.so: $(QUIRK_SRCS) regress/module/quirk.h
	$(COMPILE) `$(PKG_CONFIG) --cflags libpkcs11-helper-1` -fPIC -shared \
	    -pthread $(LDFLAGS) -o $@ $(QUIRK_SRCS)

regress/module/drive: regress/module/drive.c regress/module/names.c \
		regress/module/quirk.h
	$(COMPILE) `$(PKG_CONFIG) --cflags libpkcs11-helper-1` \
	    $(HARDENING_LD) $(LDFLAGS) -o $@ regress/module/drive.c \
	    regress/module/names.c

# The fuzzers, over the programs' objects built once more with clang's
# instrumentation.  A fuzzer that includes a file, or has functions of its own
# in its place, is linked before the archives.
FUZZ_CC =	clang
FUZZ_SAN =	-fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_CFLAGS =	-O1 -g -fno-omit-frame-pointer
FUZZ_TIME =	300
FUZZ_COMPILE =	$(FUZZ_CC) -std=c11 $(DEFINES) -Ilib -Iregress/fuzz \
		$(WARNINGS) $(FUZZ_CFLAGS) $(FUZZ_SAN)
FUZZ_LIBS =	`$(PKG_CONFIG) --libs libevent_core yaml-0.1 libcrypto` \
		$(SANDBOX_LIBS)

FUZZERS = \
	regress/fuzz/fuzz_answer \
	regress/fuzz/fuzz_conf \
	regress/fuzz/fuzz_conn \
	regress/fuzz/fuzz_control \
	regress/fuzz/fuzz_enroll \
	regress/fuzz/fuzz_front \
	regress/fuzz/fuzz_ipc \
	regress/fuzz/fuzz_keyfile \
	regress/fuzz/fuzz_launch \
	regress/fuzz/fuzz_netaddr \
	regress/fuzz/fuzz_parent \
	regress/fuzz/fuzz_serve \
	regress/fuzz/fuzz_uri \
	regress/fuzz/fuzz_wire

# Those of keyless-pkcs11, whose names are its own: another archive goes first.
P11_FUZZERS = \
	regress/fuzz/fuzz_p11answer \
	regress/fuzz/fuzz_p11args
FUZZ_LIB =	regress/fuzz/fuzz.a
P11_FUZZ_LIB =	regress/fuzz/p11.a

# What a fuzzer NAME of several files has beside fuzz_NAME.c: NAME_*.c
PARTS_fuzz_conn = \
	regress/fuzz/conn_clients.c \
	regress/fuzz/conn_front.c \
	regress/fuzz/conn_signers.c \
	regress/fuzz/conn_tls.c
PARTS_fuzz_parent = \
	regress/fuzz/parent_absent.c \
	regress/fuzz/parent_conf.c \
	regress/fuzz/parent_procs.c \
	regress/fuzz/parent_talk.c

FUZZ_SRCS = \
	$(LIB_OBJS:.o=.c) \
	$(DAEMON_OBJS:.o=.c) \
	$(SIGNER_LIB_OBJS:.o=.c) \
	$(SIGNER_OBJS:.o=.c) \
	$(CTL_OBJS:.o=.c)

FUZZ_HDRS = \
	$(LIB_HDRS) \
	$(DAEMON_HDRS) \
	$(SIGNER_HDRS) \
	$(CTL_HDRS) \
	regress/fuzz/fuzz.h

$(FUZZ_LIB): $(FUZZ_SRCS) $(FUZZ_HDRS) regress/fuzz/archive.sh
	sh regress/fuzz/archive.sh $@ $(FUZZ_SRCS) -- $(FUZZ_COMPILE) \
	    -fsanitize=fuzzer-no-link `$(PKG_CONFIG) --cflags libpkcs11-helper-1`

$(FUZZERS): regress/fuzz/shim.c $(FUZZ_LIB)
	$(FUZZ_COMPILE) -fsanitize=fuzzer -o $@ $@.c $(PARTS_$(@F)) \
	    regress/fuzz/shim.c $(FUZZ_LIB) $(FUZZ_LIBS)

regress/fuzz/fuzz_answer: regress/fuzz/fuzz_answer.c
regress/fuzz/fuzz_conf: regress/fuzz/fuzz_conf.c
regress/fuzz/fuzz_conn: regress/fuzz/fuzz_conn.c $(PARTS_fuzz_conn) \
	regress/fuzz/conn_played.h
regress/fuzz/fuzz_control: regress/fuzz/fuzz_control.c
regress/fuzz/fuzz_enroll: regress/fuzz/fuzz_enroll.c
regress/fuzz/fuzz_front: regress/fuzz/fuzz_front.c
regress/fuzz/fuzz_ipc: regress/fuzz/fuzz_ipc.c
regress/fuzz/fuzz_keyfile: regress/fuzz/fuzz_keyfile.c
regress/fuzz/fuzz_launch: regress/fuzz/fuzz_launch.c
regress/fuzz/fuzz_netaddr: regress/fuzz/fuzz_netaddr.c
regress/fuzz/fuzz_parent: regress/fuzz/fuzz_parent.c $(PARTS_fuzz_parent) \
	regress/fuzz/parent_played.h
regress/fuzz/fuzz_serve: regress/fuzz/fuzz_serve.c
regress/fuzz/fuzz_uri: regress/fuzz/fuzz_uri.c
regress/fuzz/fuzz_wire: regress/fuzz/fuzz_wire.c

P11_FUZZ_SRCS =	$(MODULE_OBJS:.o=.c) regress/fuzz/p11.c

$(P11_FUZZ_LIB): $(P11_FUZZ_SRCS) $(FUZZ_HDRS) $(MODULE_HDRS) \
		regress/fuzz/p11.h regress/fuzz/archive.sh
	sh regress/fuzz/archive.sh $@ $(P11_FUZZ_SRCS) -- $(FUZZ_COMPILE) \
	    -fsanitize=fuzzer-no-link `$(PKG_CONFIG) --cflags libpkcs11-helper-1`

$(P11_FUZZERS): regress/fuzz/shim.c $(P11_FUZZ_LIB) $(FUZZ_LIB)
	$(FUZZ_COMPILE) `$(PKG_CONFIG) --cflags libpkcs11-helper-1` \
	    -fsanitize=fuzzer -o $@ $@.c regress/fuzz/shim.c $(P11_FUZZ_LIB) \
	    $(FUZZ_LIB) $(FUZZ_LIBS)

regress/fuzz/fuzz_p11answer: regress/fuzz/fuzz_p11answer.c
regress/fuzz/fuzz_p11args: regress/fuzz/fuzz_p11args.c

fuzzers: $(FUZZERS) $(P11_FUZZERS)

fuzz: fuzzers
	sh regress/fuzz/long.sh $(FUZZ_TIME)

# The same sources compiled for coverage, in a place of its own.
COVER_COMPILE =	$(FUZZ_CC) -std=c11 $(DEFINES) -Ilib -Iregress/fuzz \
		$(WARNINGS) -O0 -g -fprofile-instr-generate -fcoverage-mapping

fuzz-cover:
	rm -rf regress/fuzz/cover
	mkdir regress/fuzz/cover
	sh regress/fuzz/archive.sh regress/fuzz/cover/fuzz.a $(FUZZ_SRCS) -- \
	    $(COVER_COMPILE) -fsanitize=fuzzer-no-link \
	    `$(PKG_CONFIG) --cflags libpkcs11-helper-1`
	sh regress/fuzz/archive.sh regress/fuzz/cover/p11.a $(P11_FUZZ_SRCS) -- \
	    $(COVER_COMPILE) -fsanitize=fuzzer-no-link \
	    `$(PKG_CONFIG) --cflags libpkcs11-helper-1`
	COVER_LIBS="$(FUZZ_LIBS)" sh regress/fuzz/cover.sh regress/fuzz/cover \
	    $(FUZZERS) $(P11_FUZZERS) -- $(COVER_COMPILE) -fsanitize=fuzzer \
	    `$(PKG_CONFIG) --cflags libpkcs11-helper-1`
# Looks for secrets in the memory of a process.
regress/memory/memscan: regress/memory/memscan.o
	$(LINK) -o $@ regress/memory/memscan.o

# The programs as somebody has them who took them over; see the README there.
regress/captured/keylessd: $(DAEMON_OBJS) $(LIB) $(CAPTURED_OBJS)
	$(LINK) -Wl,--wrap=control_switch -Wl,--wrap=notify_ready -o $@ \
	    $(DAEMON_OBJS) $(LIB) regress/captured/hook.o \
	    regress/captured/parent.o regress/captured/attack.o $(DAEMON_LIBS)

regress/captured/keyless-signer: $(SIGNER_OBJS) $(SIGNER_LIB) $(LIB) \
		$(CAPTURED_OBJS)
	$(LINK) -rdynamic -Wl,--wrap=serve -o $@ $(SIGNER_OBJS) \
	    $(SIGNER_LIB) $(LIB) regress/captured/hook_signer.o \
	    regress/captured/attack.o $(SIGNER_LIBS)

captured-cloud: cloud $(CAPTURED_OBJS)
	@if $(PKG_CONFIG) --exists libcurl jansson; then \
	    $(MAKE) $(CAPTURED_CLOUD); \
	fi

$(CAPTURED_CLOUD): $(CLOUD) $(CAPTURED_OBJS)
	$(LINK) -Wl,--wrap=serve -o $@ $(CLOUD_OBJS) $(WEB_OBJS) \
	    $(SIGNER_LIB) $(LIB) regress/captured/hook_signer.o \
	    regress/captured/attack.o $(WEB_LIBS)

# The programs without their sandbox, for valgrind.
PLAIN_LINK =	$(LINK) -Wl,--wrap=sandbox_parent -Wl,--wrap=sandbox_launcher \
		-Wl,--wrap=sandbox_isolate -Wl,--wrap=sandbox_confine

regress/plain/keylessd: $(DAEMON_OBJS) $(LIB) regress/plain/plain.o
	$(PLAIN_LINK) -o $@ $(DAEMON_OBJS) regress/plain/plain.o $(LIB) \
	    $(DAEMON_LIBS)

regress/plain/keyless-signer: $(SIGNER_OBJS) $(SIGNER_LIB) $(LIB) \
		regress/plain/plain.o
	$(PLAIN_LINK) -rdynamic -o $@ $(SIGNER_OBJS) regress/plain/plain.o \
	    $(SIGNER_LIB) $(LIB) $(SIGNER_LIBS)

regress/plain/plain.o: lib/sandbox.h

regress/captured/attack: $(CAPTURED_OBJS)
	$(LINK) -o $@ regress/captured/main.o regress/captured/attack.o

$(CAPTURED_OBJS): regress/captured/attack.h $(LIB_HDRS) $(DAEMON_HDRS)

regress/captured/hook_signer.o: regress/captured/hook.c
	$(COMPILE) -DHOOK_SIGNER -c -o $@ regress/captured/hook.c

# Debian's packages that build and tests need; the daemon's users.
deps:
	sh dist/deps.sh

demo:
	sh dist/deps.sh demo
	$(MAKE) regress
	sh regress/demo.sh

check: deps
	$(MAKE) regress
	sh regress/run

# Ten minutes of load and faults; SOAK_SECONDS=n for another time.
soak: deps
	$(MAKE) regress
	sh regress/soak
# What it costs: see regress/bench/README.
bench: deps
	$(MAKE) regress
	sh regress/bench/bench.sh

lint:
	sh regress/lint.sh

# Pages, units and scripts name places as they are by default.
PLACES =	sed -e 's|/usr/local/sbin|$(SBINDIR)|g' \
		-e 's|/usr/local/libexec/keylessd|$(LIBEXECDIR)|g' \
		-e 's|/usr/local/share/doc/keylessd|$(DOCDIR)|g' \
		-e 's|/etc/keyless|$(SYSCONFDIR)/keyless|g' \
		-e 's|/var/empty|$(EMPTYDIR)|g'

EXAMPLES =	dist/haproxy.cfg dist/keylessd.conf.example \
		dist/credentials.conf

install: all
	$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(LIBEXECDIR) \
	    $(DESTDIR)$(PKCS11DIR) $(DESTDIR)$(BASHDIR) $(DESTDIR)$(DOCDIR)
	$(INSTALL) -d -m 755 $(DESTDIR)$(EMPTYDIR)
	$(INSTALL) -m 755 keylessd/keylessd keylessctl/keylessctl \
	    $(DESTDIR)$(SBINDIR)
	$(INSTALL) -m 755 keyless-signer/keyless-signer $(DESTDIR)$(LIBEXECDIR)
	test ! -f $(CLOUD) || \
	    $(INSTALL) -m 755 $(CLOUD) $(ENROLL) $(DESTDIR)$(LIBEXECDIR)
	$(INSTALL) -m 644 $(MODULE) $(DESTDIR)$(PKCS11DIR)
	for page in $(MAN5) $(MAN7) $(MAN8); do \
	    dir=$(DESTDIR)$(MANDIR)/man$${page##*.}; \
	    $(INSTALL) -d $$dir && \
	    $(PLACES) $$page >$$dir/$${page##*/} && \
	    chmod 644 $$dir/$${page##*/} || exit 1; done
	keylessctl/keylessctl completion bash >$(DESTDIR)$(BASHDIR)/keylessctl
	chmod 644 $(DESTDIR)$(BASHDIR)/keylessctl
	for file in $(EXAMPLES); do \
	    to=$(DESTDIR)$(DOCDIR)/$${file##*/}; \
	    $(PLACES) $$file >$$to && chmod 644 $$to || exit 1; done

# Then: systemd-sysusers, systemd-tmpfiles --create, systemctl daemon-reload.
install-systemd:
	$(INSTALL) -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSUSERSDIR) \
	    $(DESTDIR)$(TMPFILESDIR)
	$(PLACES) dist/keylessd.service >$(DESTDIR)$(UNITDIR)/keylessd.service
	$(PLACES) dist/keylessd.socket >$(DESTDIR)$(UNITDIR)/keylessd.socket
	$(PLACES) dist/sysusers.conf >$(DESTDIR)$(SYSUSERSDIR)/keylessd.conf
	$(PLACES) dist/tmpfiles.conf >$(DESTDIR)$(TMPFILESDIR)/keylessd.conf
	chmod 644 $(DESTDIR)$(UNITDIR)/keylessd.service \
	    $(DESTDIR)$(UNITDIR)/keylessd.socket \
	    $(DESTDIR)$(SYSUSERSDIR)/keylessd.conf \
	    $(DESTDIR)$(TMPFILESDIR)/keylessd.conf

# Then: apparmor_parser -r.
install-apparmor:
	$(INSTALL) -d $(DESTDIR)$(APPARMORDIR)
	$(PLACES) dist/apparmor/usr.sbin.keylessd \
	    >$(DESTDIR)$(APPARMORDIR)/usr.sbin.keylessd
	chmod 644 $(DESTDIR)$(APPARMORDIR)/usr.sbin.keylessd

# Then: rcctl enable keylessd.
install-openbsd:
	$(INSTALL) -d $(DESTDIR)$(RCDIR)
	$(PLACES) dist/openbsd/keylessd.rc >$(DESTDIR)$(RCDIR)/keylessd
	chmod 555 $(DESTDIR)$(RCDIR)/keylessd

# Configuration, keys, users and $(EMPTYDIR) stay.
uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/keylessd $(DESTDIR)$(SBINDIR)/keylessctl
	rm -f $(DESTDIR)$(LIBEXECDIR)/keyless-signer
	rm -f $(DESTDIR)$(LIBEXECDIR)/keyless-signer-cloud
	rm -f $(DESTDIR)$(LIBEXECDIR)/keyless-enroll
	-rmdir $(DESTDIR)$(LIBEXECDIR)
	rm -f $(DESTDIR)$(PKCS11DIR)/keyless-pkcs11.so
	-rmdir $(DESTDIR)$(PKCS11DIR)
	for page in $(MAN5) $(MAN7) $(MAN8); do \
	    rm -f $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}; done
	rm -f $(DESTDIR)$(BASHDIR)/keylessctl
	for file in $(EXAMPLES); do \
	    rm -f $(DESTDIR)$(DOCDIR)/$${file##*/}; done
	-rmdir $(DESTDIR)$(DOCDIR)
	rm -f $(DESTDIR)$(UNITDIR)/keylessd.service
	rm -f $(DESTDIR)$(UNITDIR)/keylessd.socket
	rm -f $(DESTDIR)$(SYSUSERSDIR)/keylessd.conf
	rm -f $(DESTDIR)$(TMPFILESDIR)/keylessd.conf
	rm -f $(DESTDIR)$(APPARMORDIR)/usr.sbin.keylessd
	rm -f $(DESTDIR)$(RCDIR)/keylessd

dist:
	sh dist/tarball.sh

# In build/deb, from what is committed; DEB_BUILD_OPTIONS=nocheck: no tests.
deb:
	sh dist/deb.sh

deb-check: deb
	sh dist/deps.sh deb-check
	$(MAKE) regress/client/keyless-client
	sh regress/dist/deb.sh

clean:
	rm -f $(PROGRAMS) $(MODULE) $(CLOUD) $(ENROLL) $(LIB) $(SIGNER_LIB)
	rm -f $(LIB_OBJS) $(DAEMON_OBJS) $(SIGNER_OBJS) $(SIGNER_LIB_OBJS)
	rm -f $(CTL_OBJS) $(MODULE_OBJS) $(CLOUD_OBJS) $(WEB_OBJS)
	rm -f $(ENROLL_OBJS) $(REGRESS) $(CAPTURED_CLOUD) $(CLIENT_OBJS)
	rm -f $(UNIT_TESTS:=.o) $(CTL_TESTS:=.o) $(FRONT_TESTS:=.o)
	rm -f $(CLOUD_TESTS:=.o) $(FLOW_TEST).o $(MODULE_TEST).o $(WAITING_TEST).o
	rm -f $(SOURCES_TEST).o
	rm -f $(PROM_TEST).o $(AUDIT_TEST).o $(PAIR_TEST).o $(MKCERT_OBJS)
	rm -f $(CALL_TEST).o
	rm -f $(BENCH:=.o) $(FAKE_OBJS) $(EDGE_OBJS) $(CAPTURED_OBJS)
	rm -f regress/pkcs11/tlsload.o regress/conf/confcheck.o
	rm -f regress/memory/memscan.o regress/plain/plain.o
	rm -f $(FUZZERS) $(P11_FUZZERS) $(FUZZ_LIB) $(P11_FUZZ_LIB)
	rm -rf regress/fuzz/cover regress/fuzz/crash regress/fuzz/work build

.PHONY: all cloud captured-cloud regress deps demo check bench soak fuzz \
	fuzz-cover fuzzers lint install install-systemd install-apparmor \
	install-openbsd uninstall dist deb deb-check clean
