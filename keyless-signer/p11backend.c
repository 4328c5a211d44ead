/* keyless-signer: the stores that it serves are key files and tokens. */
#include "p11.h"

/* Keys, and whatever libcrypto or a module makes of them. */
static void
view(struct store *store, struct sandbox *box)
{
	if (!store->has_module) {
		box->role = SANDBOX_FILES;
		keyfile_memory();
		return;
	}
	box->role = SANDBOX_MODULE;
	p11_login_memory();
	view_make(box, store->module.path);
}

static int
prepare(struct store *store, struct msg_failure *f)
{
	return (store->has_module ? p11_load(store->module.path, f) : 0);
}

static int
open_token(struct store *store, struct msg_failure *f)
{
	int	 pin_fd = store->pin_fd;

	store->pin_fd = -1;		/* p11_close() closes it */
	return (p11_open(&store->module, pin_fd, f));
}

const struct backend	 backend = {
	.name = "signer",
	.load_file = keyfile_load,
	.view = view,
	.prepare = prepare,
	.open = open_token,
	.load_uri = p11key_load,
	.failure = p11_failure,
	.report = p11_report,
	.report_wait = p11_report_wait,
	.errors = p11_errors,
	.close = p11_close
};
