/* SPDX-License-Identifier: Apache-2.0 */
/* The service comes back from anything but a machine that hangs as a whole. What starts that again? */
#ifndef GATEWAY_MACHINE_H
#define GATEWAY_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

enum { MACHINE_TEXT_MAX = 200 };

/* root: where /sys and /proc stand, "" on a machine. text: what is so, or what is missing and how it is had
 * [size: MACHINE_TEXT_MAX]. Any thread. */
bool machine_is_watched(const char *root, char *text);   /* by a hardware watchdog that somebody has armed */
bool machine_leaves_panic(const char *root, char *text); /* whether a kernel that gives up starts anew */

#endif
