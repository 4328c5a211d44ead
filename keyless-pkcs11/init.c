/* In the host's process: C_Initialize, C_Finalize, and forks between them. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "guest.h"
#include "module.h"
#include "paths.h"

static pthread_mutex_t	 gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	 idle = PTHREAD_COND_INITIALIZER;
static struct module	*module;	/* NULL: not initialized */
static unsigned int	 users;		/* threads inside */
static int		 changing;	/* initializing or finalizing */

/*
 * After a fork the child has this of its parent's: the configuration, which
 * never changes, serves it, too; the rest may be in the middle of anything and
 * is never touched.
 */
static struct module	*inherited;

static pthread_once_t	 once = PTHREAD_ONCE_INIT;
static int		 once_error;

static void
before_fork(void)
{
	pthread_mutex_lock(&gate);
	module_log_lock();
}

static void
after_fork(void)
{
	module_log_unlock();
	pthread_mutex_unlock(&gate);
}

static void
in_child(void)
{
	pthread_cond_init(&idle, NULL);
	if (module != NULL) {
		module->ancestor = inherited;	/* for leak checkers */
		inherited = module;
	}
	module = NULL;
	users = 0;
	changing = 0;
	module_log_unlock();
	pthread_mutex_unlock(&gate);
}

static void
begin(void)
{
	once_error = guest_atfork(before_fork, after_fork, in_child);
}

struct module *
module_enter(void)
{
	struct module	*m;

	pthread_mutex_lock(&gate);
	if ((m = changing ? NULL : module) != NULL)
		users++;
	pthread_mutex_unlock(&gate);
	return (m);
}

void
module_leave(void)
{
	pthread_mutex_lock(&gate);
	if (--users == 0)
		pthread_cond_signal(&idle);
	pthread_mutex_unlock(&gate);
}

/* Whether this thread may initialize or finalize now. */
static CK_RV
change_begin(int initialized)
{
	CK_RV	 rv = CKR_OK;

	pthread_mutex_lock(&gate);
	if (initialized && (module == NULL || changing))
		rv = CKR_CRYPTOKI_NOT_INITIALIZED;
	else if (!initialized && (module != NULL || changing))
		rv = CKR_CRYPTOKI_ALREADY_INITIALIZED;
	else
		changing = 1;
	pthread_mutex_unlock(&gate);
	return (rv);
}

static void
change_end(struct module *m)
{
	pthread_mutex_lock(&gate);
	module = m;
	changing = 0;
	pthread_mutex_unlock(&gate);
}

/* Wait until no other thread is inside; none can enter. */
static void
wait_idle(void)
{
	pthread_mutex_lock(&gate);
	while (users != 0)
		pthread_cond_wait(&idle, &gate);
	pthread_mutex_unlock(&gate);
}

/* PKCS#11 2.40 section 5.4, C_Initialize. */
static CK_RV
check_arguments(const CK_C_INITIALIZE_ARGS *args)
{
	int	 mutexes;

	if (args == NULL)
		return (CKR_OK);
	mutexes = (args->CreateMutex != NULL) + (args->DestroyMutex != NULL) +
	    (args->LockMutex != NULL) + (args->UnlockMutex != NULL);
	if (mutexes != 0 && mutexes != 4)
		return (CKR_ARGUMENTS_BAD);
	/* The host's mutexes only: they know no condition variables. */
	if (mutexes == 4 && (args->flags & CKF_OS_LOCKING_OK) == 0)
		return (CKR_CANT_LOCK);
	return (CKR_OK);
}

/* A thread is needed for nothing but to look up names. */
static int
needs_threads(const struct conf *conf)
{
	const struct conf_slot	*slot;
	size_t			 i;

	TAILQ_FOREACH(slot, &conf->slots, entry)
		for (i = 0; i < slot->nservers; i++)
			if (!slot->servers[i].numeric)
				return (1);
	return (0);
}

static const char *
conf_path_of(const CK_C_INITIALIZE_ARGS *args)
{
	const char	*path;

	if (args != NULL && args->pReserved != NULL &&
	    *(const char *)args->pReserved != '\0')
		return (args->pReserved);
	if ((path = compat_getenv("KEYLESS_PKCS11_CONF")) != NULL &&
	    *path != '\0')
		return (path);
	return (PKCS11_CONFIG_PATH);
}

/* The configuration of the parent if it is the same; else that of the file. */
static const struct conf *
find_conf(const char *path)
{
	struct guest_visit	 visit;
	const char		*log;
	const struct conf	*conf;

	if ((log = compat_getenv("KEYLESS_PKCS11_LOG")) != NULL && *log == '\0')
		log = NULL;
	module_log(log != NULL ? log : "syslog", LOG_LEVEL_INFO);
	guest_enter(&visit);
	if (inherited != NULL && strcmp(inherited->conf->path, path) == 0)
		conf = inherited->conf;
	else
		conf = conf_load(path);
	guest_leave(&visit);
	if (conf != NULL)
		module_log(log != NULL ? log : conf->log,
		    (enum log_level)conf->loglevel);
	return (conf);
}

static void
module_free(struct module *m)
{
	size_t	 i;

	for (i = 0; i < m->nslots; i++)
		remote_free(m->slots[i].remote);
	free(m->sessions);
	if (inherited == NULL || m->conf != inherited->conf)
		conf_free((struct conf *)(uintptr_t)m->conf);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static int
add_slots(struct module *m)
{
	const struct conf_slot	*conf;
	struct slot		*slot;

	TAILQ_FOREACH(conf, &m->conf->slots, entry) {
		slot = &m->slots[m->nslots];
		slot->id = m->nslots;
		slot->conf = conf;
		if ((slot->remote = remote_new(conf)) == NULL)
			return (-1);
		m->nslots++;
	}
	return (0);
}

static CK_RV
module_new(const CK_C_INITIALIZE_ARGS *args, struct module **mp)
{
	const struct conf	*conf;
	struct module		*m;
	CK_RV			 rv = CKR_OK;

	if ((conf = find_conf(conf_path_of(args))) == NULL)
		return (CKR_FUNCTION_FAILED);
	if ((m = calloc(1, sizeof(*m))) == NULL) {
		if (inherited == NULL || conf != inherited->conf)
			conf_free((struct conf *)(uintptr_t)conf);
		return (CKR_HOST_MEMORY);
	}
	m->conf = conf;
	pthread_mutex_init(&m->lock, NULL);
	if (args != NULL &&
	    args->flags & CKF_LIBRARY_CANT_CREATE_OS_THREADS &&
	    needs_threads(conf)) {
		log_errx("key servers by name need a thread to look it up, "
		    "which the program does not allow: give addresses");
		rv = CKR_NEED_TO_CREATE_THREADS;
	} else if (add_slots(m) == -1)
		rv = CKR_FUNCTION_FAILED;
	if (rv != CKR_OK)
		module_free(m);
	else
		*mp = m;
	return (rv);
}

CK_RV
C_Initialize(void *init_args)
{
	struct module	*m = NULL;
	CK_RV		 rv;

	if ((rv = check_arguments(init_args)) != CKR_OK)
		return (rv);
	pthread_once(&once, begin);
	if (once_error != 0)
		return (CKR_HOST_MEMORY);
	if ((rv = change_begin(0)) != CKR_OK)
		return (rv);
	rv = module_new(init_args, &m);
	change_end(m);
	return (rv);
}

CK_RV
C_Finalize(void *reserved)
{
	struct module	*m;
	CK_RV		 rv;
	size_t		 i;

	if (reserved != NULL)
		return (CKR_ARGUMENTS_BAD);
	if ((rv = change_begin(1)) != CKR_OK)
		return (rv);
	m = module;
	for (i = 0; i < m->nslots; i++)
		remote_cancel(m->slots[i].remote);
	wait_idle();
	session_close_all(m, NULL);
	change_end(NULL);
	module_free(m);
	return (CKR_OK);
}
