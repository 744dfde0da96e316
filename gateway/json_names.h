/* SPDX-License-Identifier: Apache-2.0 */
/* Names of fields that came from outside. A field points at its name for as long as the program lives, while
 * JSON goes away, so that each new name is kept once in a bounded table. Any thread. */
#ifndef ATALAYA_GATEWAY_JSON_NAMES_H
#define ATALAYA_GATEWAY_JSON_NAMES_H

enum { JSON_NAMES_MAX = 256, JSON_NAME_SIZE = 64 };

/* The lasting copy of name, or NULL: too long, or the table is full. */
const char *json_name_keep(const char *name);

#endif
