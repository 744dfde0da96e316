/* SPDX-License-Identifier: Apache-2.0 */
/* What people at the tower ask of a base radio on a serial port: a text to a handheld, or where a handheld
 * is. One request is with the radio at a time, since its answers do not say which they answer; and after one
 * that may still be answered (nothing came in time, or the position that was asked for did) the next waits a
 * little, or it would be taken for carried out. The others wait in the order in which they came, the urgent
 * before the rest. Main thread, on its sd-event loop. */
#ifndef ATALAYA_GATEWAY_BASE_RADIO_H
#define ATALAYA_GATEWAY_BASE_RADIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "atalaya/result.h"

enum { BASE_RADIO_QUEUE_MAX = 8 };

struct base_radio;

/* How a request ended. */
enum base_radio_result {
    BASE_RADIO_CARRIED_OUT, /* the radio says so, or the handheld's position came */
    BASE_RADIO_FAILED,      /* the radio says that it failed: the handheld did not acknowledge */
    BASE_RADIO_SILENT,      /* no answer in time */
    BASE_RADIO_SENT,        /* to all: nobody answers those */
    BASE_RADIO_GONE,        /* the port went, or the gateway stops */
    BASE_RADIO_DISPLACED,   /* something urgent needed its place */
    BASE_RADIO_RESULT_COUNT
};

/* "carried_out", "failed", "silent", "sent", "gone", "displaced". */
const char *base_radio_result_text(enum base_radio_result result);

/* Called once for every request that was taken, from the event loop or from base_radio_lost and _destroy; it
 * may ask for more. */
typedef void base_radio_done(void *context, enum base_radio_result result);

/* unit: "100-1001" (FleetSync), "000-0000" for all of them, "U01001" (NEXEDGE), as in messages of the radio.
 * ATALAYA_OK: taken, `done` (NULL: nobody wants to know) will be called. ATALAYA_E_ARGUMENT: no such unit, or
 * not a text of 1 to 1024 plain ASCII characters. ATALAYA_E_FULL: too many wait, all as urgent.
 * ATALAYA_E_GONE: the port is not there, or its speed is not known yet. */
enum atalaya_result base_radio_text(struct base_radio *radio, const char *unit, const char *text,
                                    size_t length, bool urgent, base_radio_done *done, void *context);
enum atalaya_result base_radio_poll(struct base_radio *radio, const char *unit, base_radio_done *done,
                                    void *context);

struct base_radio_figures {
    uint64_t ended[BASE_RADIO_RESULT_COUNT];
    uint64_t unasked; /* answers that nobody waited for */
    unsigned waiting; /* with the radio or behind it */
};
void base_radio_figures(const struct base_radio *radio, struct base_radio_figures *figures);

/* What the owner of the port does. Hands all bytes to the port, or none: ATALAYA_E_GONE. */
typedef enum atalaya_result base_radio_write(void *context, const uint8_t *bytes, size_t size);

enum atalaya_result base_radio_create(sd_event *event, double answer_s, base_radio_write *write,
                                      void *context, struct base_radio **radio);
/* A frame came from the port, checked, without STX and ETX [size: length]. */
void base_radio_hear(struct base_radio *radio, const uint8_t *frame, size_t length);
/* The port went: all that wait are told so. */
void base_radio_lost(struct base_radio *radio);
void base_radio_destroy(struct base_radio *radio); /* NULL is allowed */

#endif
