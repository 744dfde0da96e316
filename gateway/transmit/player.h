/* SPDX-License-Identifier: Apache-2.0 */
/* A sound card's output that never waits. One thread. */
#ifndef ATALAYA_TRANSMIT_PLAYER_H
#define ATALAYA_TRANSMIT_PLAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "atalaya/gateway/config.h"

enum { PLAYER_TEXT_MAX = 256 };

struct player;

/* Opens the device at its nearest rate. ATALAYA_E_GONE: not there. why: one line, good or bad. */
enum atalaya_result player_open(const struct config_transmitter *settings, struct player **player,
                                char why[PLAYER_TEXT_MAX]);
double player_rate_hz(const struct player *player);
/* Makes ready for a new sound; call it before the key is down. ATALAYA_E_GONE: open it again. */
enum atalaya_result player_begin(struct player *player);
/* Hands over what the device takes now: *taken of count samples (-1 .. 1). ATALAYA_E_GONE: it is lost, or it
 * ran dry, and the sound is spoilt. */
enum atalaya_result player_write(struct player *player, const float *samples, size_t count, size_t *taken);
/* Has all been heard? true also when the device cannot tell. */
bool player_is_done(struct player *player);
void player_end(struct player *player);   /* at once, whatever is still in its buffer */
void player_close(struct player *player); /* NULL is allowed */

#endif
