/* SPDX-License-Identifier: Apache-2.0 */
/* One radio that sends: a queue, carrier sense, the key and the sound. Its thread plays; a process of its own
 * (transmit/keeper.h) holds the key, and lets go of it when the thread, or this whole program, stops.
 *
 * Never on 406 MHz: that band is the beacons', and a tower that keys there hides the calls it is to hear.
 * transmitter_create refuses it, whatever the configuration check has said. */
#ifndef ATALAYA_GATEWAY_TRANSMITTER_H
#define ATALAYA_GATEWAY_TRANSMITTER_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/protocol/protocol.h"

enum { TRANSMIT_QUEUE_MAX = 16 };

/* How a transmission ended. The whole set. */
enum { TRANSMIT_WAITS_S = 10 }; /* then that it waits is told */

enum transmit_result {
    TRANSMIT_SENT,
    TRANSMIT_CHANNEL_BUSY, /* until its time was over */
    TRANSMIT_INHIBITED,    /* likewise */
    TRANSMIT_AIRTIME,      /* the hour's share is used up */
    TRANSMIT_EXPIRED,      /* others went first until its time was over */
    TRANSMIT_QUEUE_FULL,
    TRANSMIT_DEVICE_LOST, /* sound card, key or port were not there, until its time was over */
    TRANSMIT_REFUSED,     /* it cannot be said so, or there was too much of it */
    TRANSMIT_RESULT_COUNT
};
const char *transmit_result_text(enum transmit_result result); /* "sent", "channel_busy", ... */

enum transmit_priority {
    TRANSMIT_DISTRESS, /* answers to a distress; do not wait for persistence, may use the reserve of airtime
                        */
    TRANSMIT_ACKNOWLEDGE, /* radios wait for it, and repeat themselves until it comes */
    TRANSMIT_ROUTINE
};

struct transmit_request {
    uint64_t id; /* the caller's, not 0 */
    enum transmit_priority priority;
    int64_t until_mono_ns; /* then its time is over */
    const struct protocol_row *row;
    struct message message; /* composed: raw is set */
};

/* What became of a request, once for each that was taken; before that once more when it has waited for some
 * time, and what for. */
struct transmit_report {
    unsigned transmitter; /* index in the configuration */
    uint64_t id;
    bool waits; /* still, because of this result so far */
    enum transmit_result result;
    int64_t began_mono_ns; /* of what was sent: its first sample went to the device then */
};
/* On the transmitter's thread, or that of transmitter_put. Must not block. */
typedef void transmit_done(void *context, const struct transmit_report *report);

struct carrier_board;

struct transmitter_setting {
    const struct config *config;
    unsigned index;
    const struct carrier_board *carriers; /* who is on the channels; lives longer */
    const char *program;                  /* of the keeper; NULL = this very program */
    transmit_done *done;
    void *context;
};

struct transmitter;

/* Takes all memory and starts thread and keeper, which drops the key first of all. A device that is not there
 * yet is no error. ATALAYA_E_DENIED: no frequency, or one that is the beacons'. */
enum atalaya_result transmitter_create(const struct transmitter_setting *setting,
                                       struct transmitter **transmitter);
/* Any thread. ATALAYA_E_FULL: the queue is full of what is as important. ATALAYA_E_UNSUPPORTED: no such
 * waveform here. `done` is called for those taken only; what would take longer than limit_s ends as refused.
 */
enum atalaya_result transmitter_put(struct transmitter *transmitter, const struct transmit_request *request);

/* Takes back what still waits, without a report; what is on the air goes on. Any thread. */
void transmitter_cancel(struct transmitter *transmitter, uint64_t id);

enum { TRANSMIT_ERROR_MAX = 256 };

struct transmitter_figures {
    uint64_t ended[TRANSMIT_RESULT_COUNT];
    unsigned waiting;
    bool key_present, sound_present;      /* as far as is known */
    char sound_error[TRANSMIT_ERROR_MAX]; /* why it is not, the last time that it was tried */
    double airtime_s;                     /* in the last hour */
    int64_t progress_mono_ns;             /* the thread's last sign of life */
    uint64_t forced;                      /* how often the keeper let go on its own account */
};
void transmitter_figures(struct transmitter *transmitter, struct transmitter_figures *figures);
/* Lets go of the key, ends thread and keeper. What waited is reported as expired. NULL is allowed. */
void transmitter_destroy(struct transmitter *transmitter);

/* Is that frequency kept for the beacons (406.0 to 406.1 MHz, and what a modulated carrier beside it covers)?
 * NaN is: what nobody states, nobody has checked. */
bool transmit_is_forbidden(double frequency_hz);

#endif
