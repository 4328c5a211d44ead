/* Every process, on Linux: what it gives up for good. */
#ifdef __linux__

#include <sys/prctl.h>
#include <sys/resource.h>

#include "log.h"
#include "sandbox.h"

void
sandbox_harden(void)
{
	const struct rlimit	 none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) == -1)
		fatal("setrlimit RLIMIT_CORE");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		fatal("prctl PR_SET_DUMPABLE");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fatal("prctl PR_SET_NO_NEW_PRIVS");
}

void
sandbox_parent(void)
{
	sandbox_harden();
}

void
sandbox_frontend(void)
{
	sandbox_harden();
}

void
sandbox_signer_files(void)
{
	sandbox_harden();
}

void
sandbox_signer_pkcs11(void)
{
	sandbox_harden();
}

#else
typedef int not_linux;
#endif
