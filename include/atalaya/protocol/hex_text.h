/* SPDX-License-Identifier: Apache-2.0 */
/* Octets as people write frames: hexadecimal digits, on paper in groups of four. Pure, reentrant. */
#ifndef ATALAYA_PROTOCOL_HEX_TEXT_H
#define ATALAYA_PROTOCOL_HEX_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"

/* The value of a hexadecimal digit of either case, or -1. */
int hex_digit(char digit);
/* Digits of either case in groups of any size to octets [size: max]. *count: of them. ATALAYA_E_FORMAT: other
 * characters, or too many; ATALAYA_E_LENGTH: half an octet at the end. */
enum atalaya_result hex_text_read(const char *line, size_t length, uint8_t *octets, size_t max,
                                  size_t *count);
/* Appends groups to the `length` characters of text [size: size], as many whole octets as fit with the
 * terminator, which is always there. Returns the new length. */
size_t hex_text_write(const uint8_t *octets, size_t count, char *text, size_t size, size_t length);

#endif
