/*
 * Socket addresses as text.
 */
#ifndef NETADDR_H
#define NETADDR_H

#include <sys/socket.h>

#include <stddef.h>

#define NETADDR_SIZE	64	/* room for any numeric address and port */

/*
 * "192.0.2.1:2407", "[2001:db8::1]:2407"; "?" for other families.  text has
 * NETADDR_SIZE bytes.
 */
void	netaddr_text(const struct sockaddr *, socklen_t, char *text);

#endif
