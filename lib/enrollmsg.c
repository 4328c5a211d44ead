/* Who conducts an enrolment: what of its environment keyless-enroll gets. */
#include <stddef.h>

#include "enrollmsg.h"

/* As libcurl reads them; http_proxy is for plain HTTP, which is not used. */
const char *const	 enroll_proxies[] = {
	"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy",
	"NO_PROXY", NULL
};
