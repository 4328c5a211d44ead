/* keylessctl: show version. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "ipc.h"
#include "json.h"
#include "keylessctl.h"
#include "text.h"
#include "units.h"
#include "version.h"

static int
version_check(const void *row)
{
	const struct msg_version	*v = row;

	return (v->pid > 0 && v->draining <= 1 && TEXT_OK(v->version) &&
	    TEXT_OK(v->libtls) && TEXT_OK(v->libevent));
}

static void
print_line(const char *name, const char *value)
{
	printf("%-10s  %s\n", name, *value == '\0' ? "-" : text_show(value));
}

static void
print_version(const struct msg_version *v)
{
	char	 date[UNITS_SIZE], age[UNITS_SIZE], text[2 * UNITS_SIZE + 8];

	print_line("keylessd", v->version);
	snprintf(text, sizeof(text), "%" PRId32, v->pid);
	print_line("pid", text);
	units_date(v->started, date);
	units_duration(units_age(v->started), age);
	snprintf(text, sizeof(text), "%s (%s ago)", date, age);
	print_line("started", text);
	print_line("draining", v->draining ? "yes" : "no");
	print_line("libtls", v->libtls);
	print_line("libevent", v->libevent);
}

static void
json_version(const struct msg_version *v)
{
	struct json	 j;

	json_init(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "keylessctl", KEYLESSD_VERSION);
	json_string(&j, "keylessd", v->version);
	json_number(&j, "pid", (uint64_t)v->pid);
	json_number(&j, "started", v->started);
	json_bool(&j, "draining", v->draining != 0);
	json_text(&j, "libtls", v->libtls);
	json_text(&j, "libevent", v->libevent);
	json_end(&j);
}

static void
show_version(const struct request *request, const struct answer *answer,
    const struct style *style)
{
	const struct msg_version	*v = answer_row(request, answer, 0, 0);

	if (style->json)
		json_version(v);
	else
		print_version(v);
	if (strcmp(v->version, KEYLESSD_VERSION) != 0)
		warnx("the versions differ: was keylessd not restarted after "
		    "an upgrade?");
}

/* Its own version needs no daemon. */
int
run_version(const struct call *call)
{
	if (!call->options->style.json) {
		print_line("keylessctl", KEYLESSD_VERSION);
		fflush(stdout);
	}
	return (run_request(call));
}

static const struct kind version_kind = {
	.type = MSG_CTL_VERSION,
	.once = 1,
	.size = sizeof(struct msg_version),
	.check = version_check
};

const struct request version_request = {
	.type = MSG_CTL_SHOW_VERSION,
	.kinds = { &version_kind },
	.show = show_version
};
