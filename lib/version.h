#ifndef VERSION_H
#define VERSION_H

#define KEYLESSD_VERSION	"0.1"

#endif
