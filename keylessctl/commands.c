/* keylessctl: the commands, as tables of words. */
#include "compat.h"
#include "parser.h"

#define WORD	TOKEN_WORD
#define NUMBER	TOKEN_NUMBER
#define END	{ TOKEN_END, NULL, NULL, NULL, NULL, NULL }

static const struct token show_words[] = {
	{ WORD, "config", run_request, &config_request,
	    "the configuration in force", NULL },
	{ WORD, "connections", run_request, &connections_request,
	    "the clients, and what they do", NULL },
	{ WORD, "keys", run_request, &keys_request,
	    "the keys, ready or failed and why", NULL },
	{ WORD, "sandbox", run_request, &sandbox_request,
	    "what each process has given up", NULL },
	{ WORD, "signers", run_request, &signers_request,
	    "the processes that hold the keys", NULL },
	{ WORD, "stats", run_request, &stats_request,
	    "counters since the start", NULL },
	{ WORD, "stores", run_request, &stores_request,
	    "where the keys are, and whether signing works there", NULL },
	{ WORD, "tokens", run_request, &tokens_request,
	    "the PKCS#11 tokens, their sessions and errors", NULL },
	{ WORD, "version", run_version, &version_request,
	    "of keylessctl and of the keylessd that runs", NULL },
	END
};

static const struct token log_words[] = {
	{ WORD, "brief", run_request, &log_brief_request,
	    "log level info", NULL },
	{ WORD, "verbose", run_request, &log_verbose_request,
	    "log level debug", NULL },
	END
};

static const struct token completion_words[] = {
	{ WORD, "bash", run_completion, NULL,
	    "a script to be sourced by bash", NULL },
	END
};

static const struct token convert_words[] = {
	{ TOKEN_FILE, "file", run_convert, NULL,
	    "a gokeyless.yaml as keylessd.conf", NULL },
	END
};

static const struct token monitor_words[] = {
	{ NUMBER, "count", run_monitor, NULL, NULL, NULL },
	END
};

const struct token commands[] = {
	{ WORD, "check", run_request, &check_request,
	    "is every store signing that has to?", NULL },
	{ WORD, "completion", NULL, NULL, NULL, completion_words },
	{ WORD, "convert", NULL, NULL, NULL, convert_words },
	{ WORD, "drain", run_request, &drain_request,
	    "accept nothing more; wait until no connection is left", NULL },
	{ WORD, "enroll", run_enroll, NULL,
	    "get the authentication certificate; see -i, -m", NULL },
	{ WORD, "help", run_help, NULL,
	    "this list", NULL },
	{ WORD, "log", NULL, NULL, NULL, log_words },
	{ WORD, "monitor", run_monitor, NULL,
	    "a line a second, count lines or until ^C", monitor_words },
	{ WORD, "reload", run_request, &reload_request,
	    "read the configuration again, all or nothing", NULL },
	{ WORD, "show", NULL, NULL, NULL, show_words },
	{ WORD, "stop", run_request, &stop_request,
	    "drain, within a time limit, and end", NULL },
	{ WORD, "undrain", run_request, &undrain_request,
	    "accept connections again", NULL },
	END
};
