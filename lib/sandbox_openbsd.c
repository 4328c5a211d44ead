/* Every process, on OpenBSD: what it gives up for good. */
#ifdef __OpenBSD__

#include <sys/types.h>
#include <sys/resource.h>

#include "log.h"
#include "sandbox.h"

void
sandbox_harden(void)
{
	const struct rlimit	 none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) == -1)
		fatal("setrlimit RLIMIT_CORE");
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
typedef int not_openbsd;
#endif
