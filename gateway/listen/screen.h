/* SPDX-License-Identifier: Apache-2.0 */
/* The model as lines of text, and the bytes that turn one screen into the next: only what changed. Pure. */
#ifndef ATALAYA_LISTEN_SCREEN_H
#define ATALAYA_LISTEN_SCREEN_H

#include "model.h"

enum {
    SCREEN_ROWS_MAX = 160,
    SCREEN_LINE_MAX = 1024, /* bytes of a line, colours included */
    SCREEN_BYTES_MAX = SCREEN_ROWS_MAX * (SCREEN_LINE_MAX + 16)
};

struct screen {
    unsigned rows, columns;
    char line[SCREEN_ROWS_MAX][SCREEN_LINE_MAX];
};

/* unicode: the terminal shows UTF-8. colour: and colours. */
void screen_draw(struct screen *screen, const struct listen_model *model, unsigned rows, unsigned columns,
                 bool unicode, bool colour);
/* Bytes that make `shown` look like `next` [size: SCREEN_BYTES_MAX]; all of it after a change of size.
 * Returns their number; *shown is then as *next. */
size_t screen_update(struct screen *shown, const struct screen *next, char *bytes);

#endif
