/* In the host's process: sessions. */
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "module.h"

#define TABLE_FIRST	16

/* A handle is a serial number and, in its lower 16 bits, an index and 1. */
static size_t
handle_index(CK_SESSION_HANDLE handle)
{
	return ((size_t)(handle & 0xffff) - 1);
}

/* The session with that handle; NULL.  Under the lock. */
static struct session *
look_up(const struct module *m, CK_SESSION_HANDLE handle)
{
	size_t	 i = handle_index(handle);

	if (i >= m->size || m->sessions[i] == NULL ||
	    m->sessions[i]->handle != handle)
		return (NULL);
	return (m->sessions[i]);
}

static void
session_free(struct session *s)
{
	operation_end(&s->sign);
	operation_end(&s->decrypt);
	free(s->found);
	pthread_mutex_destroy(&s->lock);
	freezero(s, sizeof(*s));
}

struct session *
session_get(struct module *m, CK_SESSION_HANDLE handle)
{
	struct session	*s;

	pthread_mutex_lock(&m->lock);
	if ((s = look_up(m, handle)) != NULL)
		s->users++;
	pthread_mutex_unlock(&m->lock);
	if (s != NULL)
		pthread_mutex_lock(&s->lock);
	return (s);
}

void
session_put(struct module *m, struct session *s)
{
	int	 last;

	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&m->lock);
	last = --s->users == 0 && s->closed;
	pthread_mutex_unlock(&m->lock);
	if (last)
		session_free(s);
}

CK_RV
session_enter(CK_SESSION_HANDLE handle, struct module **m,
    struct session **s)
{
	if ((*m = module_enter()) == NULL)
		return (CKR_CRYPTOKI_NOT_INITIALIZED);
	if ((*s = session_get(*m, handle)) == NULL) {
		module_leave();
		return (CKR_SESSION_HANDLE_INVALID);
	}
	return (CKR_OK);
}

void
session_leave(struct module *m, struct session *s)
{
	session_put(m, s);
	module_leave();
}

/* Take a session out of the table; it lives on while it is in use. */
static void
remove_session(struct module *m, struct session *s)
{
	struct slot	*slot = s->slot;
	int		 unused;

	m->sessions[handle_index(s->handle)] = NULL;
	slot->sessions--;
	if (s->flags & CKF_RW_SESSION)
		slot->rw_sessions--;
	if (slot->sessions == 0)
		slot->logged_in = 0;
	unused = s->users == 0;
	s->closed = 1;
	if (unused)
		session_free(s);
}

/* The index of a free entry; SESSIONS_MAX: there is none, or no memory. */
static size_t
free_entry(struct module *m)
{
	struct session	**p;
	size_t		 i, want = m->size == 0 ? TABLE_FIRST : 2 * m->size;

	for (i = 0; i < m->size; i++)
		if (m->sessions[i] == NULL)
			return (i);
	if (want > SESSIONS_MAX)
		want = SESSIONS_MAX;
	if (want == m->size || (p = recallocarray(m->sessions, m->size, want,
	    sizeof(*p))) == NULL)
		return (SESSIONS_MAX);
	i = m->size;
	m->sessions = p;
	m->size = want;
	return (i);
}

/* Enter a new session into the table; -1: it is full. */
static int
insert_session(struct module *m, struct session *s)
{
	size_t	 i;

	if ((i = free_entry(m)) == SESSIONS_MAX)
		return (-1);
	/* 15 bits, so that a handle fits into 32, and is never 0. */
	m->serial = (m->serial + 1) & 0x7fff;
	s->handle = (CK_SESSION_HANDLE)m->serial << 16 | (i + 1);
	m->sessions[i] = s;
	s->slot->sessions++;
	if (s->flags & CKF_RW_SESSION)
		s->slot->rw_sessions++;
	return (0);
}

static CK_RV
open_session(struct module *m, struct slot *slot, CK_FLAGS flags,
    CK_SESSION_HANDLE *handle)
{
	struct session	*s;
	int		 status;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (CKR_HOST_MEMORY);
	s->slot = slot;
	s->flags = flags & (CKF_RW_SESSION | CKF_SERIAL_SESSION);
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_lock(&m->lock);
	if ((status = insert_session(m, s)) == 0)
		*handle = s->handle;
	pthread_mutex_unlock(&m->lock);
	if (status == -1) {
		session_free(s);
		return (CKR_SESSION_COUNT);
	}
	return (CKR_OK);
}

/*
 * A read/write session is granted, though there is nothing to write: ssh(1)
 * asks for no other.
 */
CK_RV
C_OpenSession(CK_SLOT_ID id, CK_FLAGS flags, void *application,
    CK_NOTIFY notify, CK_SESSION_HANDLE *handle)
{
	struct module	*m;
	struct slot	*slot;
	CK_RV		 rv;

	(void)application;
	(void)notify;
	if ((m = module_enter()) == NULL)
		return (CKR_CRYPTOKI_NOT_INITIALIZED);
	if ((slot = slot_find(m, id)) == NULL)
		rv = CKR_SLOT_ID_INVALID;
	else if (handle == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if ((flags & CKF_SERIAL_SESSION) == 0)
		rv = CKR_SESSION_PARALLEL_NOT_SUPPORTED;
	else
		rv = open_session(m, slot, flags, handle);
	module_leave();
	return (rv);
}

CK_RV
C_CloseSession(CK_SESSION_HANDLE handle)
{
	struct module	*m;
	struct session	*s;

	if ((m = module_enter()) == NULL)
		return (CKR_CRYPTOKI_NOT_INITIALIZED);
	pthread_mutex_lock(&m->lock);
	if ((s = look_up(m, handle)) != NULL)
		remove_session(m, s);
	pthread_mutex_unlock(&m->lock);
	module_leave();
	return (s != NULL ? CKR_OK : CKR_SESSION_HANDLE_INVALID);
}

/* Of one slot, or of all if it is NULL. */
void
session_close_all(struct module *m, const struct slot *slot)
{
	size_t	 i;

	pthread_mutex_lock(&m->lock);
	for (i = 0; i < m->size; i++)
		if (m->sessions[i] != NULL &&
		    (slot == NULL || m->sessions[i]->slot == slot))
			remove_session(m, m->sessions[i]);
	pthread_mutex_unlock(&m->lock);
}

CK_RV
C_CloseAllSessions(CK_SLOT_ID id)
{
	struct module	*m;
	struct slot	*slot;

	if ((m = module_enter()) == NULL)
		return (CKR_CRYPTOKI_NOT_INITIALIZED);
	if ((slot = slot_find(m, id)) != NULL)
		session_close_all(m, slot);
	module_leave();
	return (slot != NULL ? CKR_OK : CKR_SLOT_ID_INVALID);
}

static CK_STATE
session_state(const struct session *s)
{
	if (s->flags & CKF_RW_SESSION)
		return (s->slot->logged_in ? CKS_RW_USER_FUNCTIONS :
		    CKS_RW_PUBLIC_SESSION);
	return (s->slot->logged_in ? CKS_RO_USER_FUNCTIONS :
	    CKS_RO_PUBLIC_SESSION);
}

/* Does not wait for an operation of the session. */
CK_RV
C_GetSessionInfo(CK_SESSION_HANDLE handle, CK_SESSION_INFO *info)
{
	const struct session	*s;
	struct module		*m;
	CK_RV			 rv = CKR_OK;

	if ((m = module_enter()) == NULL)
		return (CKR_CRYPTOKI_NOT_INITIALIZED);
	pthread_mutex_lock(&m->lock);
	if ((s = look_up(m, handle)) == NULL)
		rv = CKR_SESSION_HANDLE_INVALID;
	else if (info == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else {
		info->slotID = s->slot->id;
		info->state = session_state(s);
		info->flags = s->flags;
		info->ulDeviceError = 0;
	}
	pthread_mutex_unlock(&m->lock);
	module_leave();
	return (rv);
}
