/* In the host's process: slots, tokens and their mechanisms. */
#include <stdio.h>
#include <string.h>

#include "compat.h"
#include "module.h"

struct slot *
slot_find(struct module *m, CK_SLOT_ID id)
{
	return (id < m->nslots ? &m->slots[id] : NULL);
}

void
slot_text(unsigned char *field, size_t size, const char *text)
{
	size_t	 len = strlen(text);

	memset(field, ' ', size);
	memcpy(field, text, len < size ? len : size);
}

/* PKCS#11 2.40 section 5.5: a token is always present. */
CK_RV
C_GetSlotList(unsigned char token_present, CK_SLOT_ID *list, CK_ULONG *count)
{
	struct module	*m;
	CK_RV		 rv = CKR_OK;
	CK_ULONG	 i;

	(void)token_present;
	if ((m = module_enter()) == NULL)
		return (CKR_CRYPTOKI_NOT_INITIALIZED);
	if (count == NULL) {
		module_leave();
		return (CKR_ARGUMENTS_BAD);
	}
	if (list != NULL && *count < m->nslots)
		rv = CKR_BUFFER_TOO_SMALL;
	else if (list != NULL)
		for (i = 0; i < m->nslots; i++)
			list[i] = m->slots[i].id;
	*count = m->nslots;
	module_leave();
	return (rv);
}

/* Enter the module and look for a slot; CKR_OK or why not. */
static CK_RV
slot_enter(CK_SLOT_ID id, const void *argument, struct module **m,
    struct slot **slot)
{
	CK_RV	 rv = CKR_OK;

	if ((*m = module_enter()) == NULL)
		return (CKR_CRYPTOKI_NOT_INITIALIZED);
	if ((*slot = slot_find(*m, id)) == NULL)
		rv = CKR_SLOT_ID_INVALID;
	else if (argument == NULL)
		rv = CKR_ARGUMENTS_BAD;
	if (rv != CKR_OK)
		module_leave();
	return (rv);
}

CK_RV
C_GetSlotInfo(CK_SLOT_ID id, CK_SLOT_INFO *info)
{
	struct module	*m;
	struct slot	*slot;
	CK_RV		 rv;

	if ((rv = slot_enter(id, info, &m, &slot)) != CKR_OK)
		return (rv);
	memset(info, 0, sizeof(*info));
	slot_text(info->slotDescription, sizeof(info->slotDescription),
	    slot->conf->servers[0].text);
	slot_text(info->manufacturerID, sizeof(info->manufacturerID),
	    "keylessd");
	info->flags = CKF_TOKEN_PRESENT;
	module_leave();
	return (CKR_OK);
}

/* No PIN is asked for (CKF_LOGIN_REQUIRED), and a login needs none. */
CK_RV
C_GetTokenInfo(CK_SLOT_ID id, CK_TOKEN_INFO *info)
{
	struct module	*m;
	struct slot	*slot;
	char		 serial[17];
	CK_RV		 rv;

	if ((rv = slot_enter(id, info, &m, &slot)) != CKR_OK)
		return (rv);
	memset(info, 0, sizeof(*info));
	slot_text(info->label, sizeof(info->label), slot->conf->label);
	slot_text(info->manufacturerID, sizeof(info->manufacturerID),
	    "keylessd");
	slot_text(info->model, sizeof(info->model), "keyless-pkcs11");
	snprintf(serial, sizeof(serial), "%u", (unsigned int)id);
	slot_text(info->serialNumber, sizeof(info->serialNumber), serial);
	info->flags = CKF_TOKEN_INITIALIZED | CKF_WRITE_PROTECTED |
	    CKF_USER_PIN_INITIALIZED | CKF_PROTECTED_AUTHENTICATION_PATH;
	info->ulMaxSessionCount = CK_EFFECTIVELY_INFINITE;
	info->ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE;
	info->ulMaxPinLen = 255;
	info->ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
	pthread_mutex_lock(&m->lock);
	info->ulSessionCount = slot->sessions;
	info->ulRwSessionCount = slot->rw_sessions;
	pthread_mutex_unlock(&m->lock);
	module_leave();
	return (CKR_OK);
}

CK_RV
C_GetMechanismList(CK_SLOT_ID id, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
	struct module	*m;
	struct slot	*slot;
	CK_RV		 rv;
	size_t		 i;

	if ((rv = slot_enter(id, count, &m, &slot)) != CKR_OK)
		return (rv);
	if (list != NULL && *count < mech_count())
		rv = CKR_BUFFER_TOO_SMALL;
	else if (list != NULL)
		for (i = 0; i < mech_count(); i++)
			list[i] = mech_type(mech_at(i));
	*count = mech_count();
	module_leave();
	return (rv);
}

CK_RV
C_GetMechanismInfo(CK_SLOT_ID id, CK_MECHANISM_TYPE type,
    CK_MECHANISM_INFO *info)
{
	const struct mech	*mech;
	struct module		*m;
	struct slot		*slot;
	CK_RV			 rv;

	if ((rv = slot_enter(id, info, &m, &slot)) != CKR_OK)
		return (rv);
	if ((mech = mech_find(type)) == NULL)
		rv = CKR_MECHANISM_INVALID;
	else
		mech_info(mech, info);
	module_leave();
	return (rv);
}

/* Nothing is ever plugged in or out: to wait for it would be for ever. */
CK_RV
C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID *id, void *reserved)
{
	if (module_enter() == NULL)
		return (CKR_CRYPTOKI_NOT_INITIALIZED);
	module_leave();
	if (id == NULL || reserved != NULL)
		return (CKR_ARGUMENTS_BAD);
	return (flags & CKF_DONT_BLOCK ? CKR_NO_EVENT :
	    CKR_FUNCTION_NOT_SUPPORTED);
}
