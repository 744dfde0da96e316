/* SPDX-License-Identifier: Apache-2.0 */
/* What the two files of a transmitter share. Everything behind the lock's members belongs to the thread. */
#ifndef ATALAYA_TRANSMIT_TRANSMITTER_PRIVATE_H
#define ATALAYA_TRANSMIT_TRANSMITTER_PRIVATE_H

#include <pthread.h>

#include "atalaya/gateway/transmitter.h"
#include "airtime.h"
#include "carriers.h"
#include "keeper.h"
#include "player.h"
#include "queue.h"
#include "waveform.h"

struct transmitter {
    struct transmitter_setting setting;
    struct config_transmitter settings;
    unsigned channel; /* index in the configuration */
    pthread_t thread;
    bool started;

    pthread_mutex_t lock; /* of these */
    pthread_cond_t changed;
    bool stop;
    struct transmit_queue queue;
    struct airtime airtime;
    struct transmitter_figures figures;

    struct keeper *keeper;
    struct player *sound; /* NULL = not there */
    int64_t sound_tried_ns;
    bool sound_missed; /* it was said that it is not there */
    char sound_why[PLAYER_TEXT_MAX];
    struct waveform *waveform;   /* NULL until the device's rate is known */
    int64_t looked_ns;           /* when key and sound were looked after last */
    uint64_t made_id;            /* whose sound is in it */
    struct transmit_request now; /* the one in hand */
};

/* Once a second at most. false: it is not there. */
bool transmit_open_sound(struct transmitter *transmitter);
/* Keys, plays what the waveform holds, lets go. *began_ns: its first sample went out then; 0 = none did. */
enum transmit_result transmit_key_and_play(struct transmitter *transmitter, int64_t *began_ns);

#endif
