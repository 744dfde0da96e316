/* SPDX-License-Identifier: Apache-2.0 */
/* Text from anywhere as UTF-8 (RFC 3629): its characters, and where it may be cut. */
#ifndef ATALAYA_UTF8_H
#define ATALAYA_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Octets of the character that begins at `bytes`, of which `length` > 0 are there, and its code point; 0:
 * none does. */
size_t utf8_read(const void *bytes, size_t length, uint32_t *point);
/* As much of it as there is room for, ended with a NUL and never inside of a character. size > 0. */
void utf8_copy(char *to, size_t size, const char *from);

#endif
