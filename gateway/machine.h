/* SPDX-License-Identifier: Apache-2.0 */
/* The machine on the tower: how it is, and what starts it again when it hangs as a whole, for from anything
 * else the service comes back by itself. */
#ifndef GATEWAY_MACHINE_H
#define GATEWAY_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MACHINE_TEXT_MAX = 200 };

/* root: where /sys and /proc stand, "" on a machine. text: what is so, or what is missing and how it is had
 * [size: MACHINE_TEXT_MAX]. Any thread. */
bool machine_is_watched(const char *root, char *text);   /* by a hardware watchdog that somebody has armed */
bool machine_leaves_panic(const char *root, char *text); /* whether a kernel that gives up starts anew */

/* Bytes free for us on the disk that holds this file, there or not yet; UINT64_MAX: nobody knows. */
uint64_t machine_disk_free(const char *file);
/* Of its processor; NaN: nobody measures it. */
double machine_temperature_c(const char *root);
/* A Raspberry Pi's supply is below 4.63 V just now (driver rpi_volt): the next load takes it down. */
bool machine_lacks_power(const char *root);

#endif
