/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the two programs of a 32-bit ARM package runs: Debian's armhf presumes no NEON, and without it
 * dsp/ takes nearly twice the instructions. */
#ifndef ATALAYA_GATEWAY_BOARD_H
#define ATALAYA_GATEWAY_BOARD_H

#include <stdbool.h>
#include <stddef.h>

/* Where the program for NEON would lie beside this one: PREFIX/bin/atalaya has
 * PREFIX/lib/atalaya/neon/atalaya. False: this one is not installed, or its path is too long for twin [size:
 * max]. */
bool board_twin(const char *own, char *twin, size_t max);

/* First of all: where the processor has NEON and the other program is there, that one takes this one's place.
 * Returns otherwise; everywhere but on 32-bit ARM it does nothing. */
void board_take_twin(char **argv);

#endif
