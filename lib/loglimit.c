/* Frontend, keyless-pkcs11: lines others can provoke, a few at a time. */
#include "log.h"
#include "loglimit.h"

int
loglimit_ok(struct loglimit *l, uint64_t now)
{
	if (l->lines == 0 || now - l->begun >= LOGLIMIT_WINDOW) {
		if (l->left_out != 0)
			log_warnx("log lines left out what=\"%s\" count=%u",
			    l->what, l->left_out);
		l->begun = now;
		l->lines = l->left_out = 0;
	}
	if (l->lines == LOGLIMIT_LINES) {
		l->left_out++;
		return (0);
	}
	l->lines++;
	return (1);
}
