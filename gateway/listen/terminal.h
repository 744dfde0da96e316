/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal as a screen with keys. Output never waits: over a slow line screens are left out, so that
 * reading a receiver goes on. What the program writes to standard error meanwhile is kept for the screen. One
 * thread. */
#ifndef ATALAYA_LISTEN_TERMINAL_H
#define ATALAYA_LISTEN_TERMINAL_H

#include <stdbool.h>

#include "screen.h"

enum terminal_key {
    KEY_NONE = 0, /* others: the character */
    KEY_UP = 0x100,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT
};

struct terminal;

/* NULL: standard output is no terminal. */
struct terminal *terminal_open(void);
void terminal_size(const struct terminal *terminal, unsigned *rows, unsigned *columns);
void terminal_show(struct terminal *terminal, const struct listen_model *model);
int terminal_key(struct terminal *terminal); /* does not wait */
/* The next line of standard error [size: LISTEN_TEXT_MAX]; false: there is none. */
bool terminal_error(struct terminal *terminal, char *text);
void terminal_close(struct terminal *terminal); /* as it was before; NULL is allowed */

#endif
