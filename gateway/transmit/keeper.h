/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper: a process of its own that holds the key of one transmitter. It lets go when it is told to, when
 * no beat has come for KEEPER_STALL_MS (the gateway's thread, or the whole gateway, hangs or was stopped),
 * when its end of the line closes (the gateway is dead), when the inhibit input forbids, and after limit_s in
 * any case.
 *
 * Why a process: a thread dies and stops with the program that it would have to watch, by a crash, kill -9,
 * SIGSTOP or a debugger. Should the keeper itself hang or die, the gateway finds out at the next beat, kills
 * it, and starts another one, which lets go of the key first of all. Only a machine that stops as a whole
 * holds a key; against that the radio's own time-out timer stands. */
#ifndef ATALAYA_TRANSMIT_KEEPER_H
#define ATALAYA_TRANSMIT_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"

enum {
    KEEPER_STALL_MS = 500,
    KEEPER_BEAT_MS = 50,    /* as often at least while keyed */
    KEEPER_GRACE_MS = 200,  /* more for one that should have spoken while the gateway slept */
    KEEPER_ANSWER_MS = 1500 /* a keeper that says nothing for so long hangs */
};

/* One byte each way. */
enum keeper_order { KEEPER_KEY = 'K', KEEPER_BEAT = 'B', KEEPER_DROP = 'D' };
enum keeper_answer {
    KEEPER_KEYED = 'k',
    KEEPER_DROPPED = 'd',
    KEEPER_INHIBITED = 'i',
    KEEPER_LOST = 'l',    /* the device is not there */
    KEEPER_LIMIT = 't',   /* limit_s is over */
    KEEPER_STALLED = 's', /* no beats came */
    KEEPER_HUNG = 'h'     /* the gateway's own word for a keeper that says nothing */
};

struct keeper;

/* program: NULL = this very program. The key is up, or its device not there, when it returns. One thread. */
enum atalaya_result keeper_create(const struct config_transmitter *settings, const char *program,
                                  struct keeper **keeper);
enum keeper_answer keeper_key(struct keeper *keeper);
/* Tells it that all goes well. KEEPER_KEYED: so it does. Never waits. */
enum keeper_answer keeper_beat(struct keeper *keeper);
/* KEEPER_DROPPED: the key is up. */
enum keeper_answer keeper_drop(struct keeper *keeper);
int keeper_pid(const struct keeper *keeper);
void keeper_destroy(struct keeper *keeper); /* the key up first; NULL is allowed */

/* keeper_child.c: the process itself, with the line to the gateway. Returns its exit status. */
int keeper_main(int fd);

#endif
