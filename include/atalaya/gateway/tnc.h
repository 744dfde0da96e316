/* SPDX-License-Identifier: Apache-2.0 */
/* What gives whole frames: a TNC that speaks KISS, on a serial port or through a TCP connection, or the data
 * port of a base radio, which gives sentences. Lives in the main thread on its sd-event loop, which never
 * waits for it; notices that the port or the connection is gone, and opens it again within 5 s of its return
 * (a host that answered nothing: 12 s), one log line each way. */
#ifndef ATALAYA_GATEWAY_TNC_H
#define ATALAYA_GATEWAY_TNC_H

#include <stdint.h>
#include <systemd/sd-event.h>

#include "atalaya/gateway/base_radio.h"
#include "atalaya/gateway/config.h"
#include "atalaya/protocol/protocol.h"
#include "atalaya/result.h"

struct tnc;

/* A frame came in: AX.25 without FCS, or a sentence [size: length], received at mono_ns, from the TNC's radio
 * port 0..15. Returns what became of
 * it: ATALAYA_OK, a message. */
typedef enum atalaya_result tnc_frame(void *context, unsigned port, const uint8_t *frame, size_t length,
                                      int64_t mono_ns);

enum { TNC_TEXT_MAX = 256 };

struct tnc_figures {
    bool present;
    bool starting;            /* not yet known whether it is there */
    char fault[TNC_TEXT_MAX]; /* why it is not present, or what is wrong with what comes; "" = nothing */
    uint64_t frames, bytes, malformed, reconnects;
    struct protocol_counts counts; /* what became of the frames; malformed ones are in format */
};

enum atalaya_result tnc_create(sd_event *event, const struct config_source *settings, tnc_frame *frame,
                               void *context, struct tnc **tnc);
/* Through which texts and polls go out; the tnc's own. NULL: it is a KISS modem. */
struct base_radio *tnc_base_radio(struct tnc *tnc);
/* A frame for the TNC of a KISS source to send through its radio port [size: length]. ATALAYA_OK: it is on
 * its way to the TNC, which keys when it can and does not say so. ATALAYA_E_GONE, _E_FULL: none of it. */
enum atalaya_result tnc_send(struct tnc *tnc, unsigned port, const uint8_t *frame, size_t length);
/* Has the port taken all that was sent, or the far end confirmed it? losses: those of before the sending; one
 * more, and it may be lost. */
bool tnc_is_flushed(const struct tnc *tnc);
unsigned tnc_losses(const struct tnc *tnc);
void tnc_figures(const struct tnc *tnc, struct tnc_figures *figures);
void tnc_destroy(struct tnc *tnc);

#endif
