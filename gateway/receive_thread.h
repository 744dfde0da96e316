/* SPDX-License-Identifier: Apache-2.0 */
/* One thread per sample source: opens it, receives, hands over; opens it again, with back-off, for as long as
 * it takes. Never waits on disk or network. */
#ifndef ATALAYA_RECEIVE_THREAD_H
#define ATALAYA_RECEIVE_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/handover.h"
#include "atalaya/protocol/protocol.h"
#include "guard/noise_watch.h"
#include "guard/self_test.h"
#include "postbox.h"
#include "words.h"

enum receive_state {
    RECEIVE_STARTING,
    RECEIVE_RUNNING,
    RECEIVE_GONE,
    RECEIVE_ENDED,
    RECEIVE_HUNG /* no sign of life: a driver does not come back */
};
enum { RECEIVE_READY_S = 5, RECEIVE_STOP_S = 5, RECEIVE_FAULT_MAX = 256 };

struct receive_thread;

/* A consistent copy of a thread's figures. */
struct receive_figures {
    enum receive_state state;
    double seconds; /* of signal in the present opening */
    uint64_t receptions, lost_frames, openings;
    struct protocol_counts counts; /* of all protocols, since start */
    int64_t progress_mono_ns;      /* last sign of life: feeds the watchdog */
    char fault[RECEIVE_FAULT_MAX]; /* why no samples come; "": they do */
};

const char *receive_state_text(enum receive_state state);

struct carrier_board;

/* usual [size: channels of config]: how loud noise was in earlier runs; NULL: not known.
 * carriers: for transmitters; NULL: none asks. activities: of struct activity, what happens on the channels;
 * NULL: nobody wants to know. A full box loses them. config must outlive the thread; its sources, channels
 * and transmitters must not change. */
enum atalaya_result receive_thread_start(const struct config *config, unsigned source_index,
                                         struct handover *handover, struct words *words,
                                         struct carrier_board *carriers, struct postbox *activities,
                                         const struct noise_usual *usual, struct receive_thread **thread);
/* Waits until the source has been tried once: after that the receive path allocates no more. A driver that
 * does not come back within RECEIVE_READY_S is waited for no longer (false): the others shall be heard. */
bool receive_thread_wait_ready(struct receive_thread *thread);
void receive_thread_figures(struct receive_thread *thread, struct receive_figures *figures);
/* How the noise of a channel is, by its index in the configuration; levels NaN: nothing is known of it. */
void receive_thread_noise(struct receive_thread *thread, unsigned channel, struct noise_figures *figures);
/* What the source gives; false: it is not open, or a recording that runs as fast as it can. */
bool receive_thread_format(struct receive_thread *thread, struct source_format *format);
/* Gives it a test, one at a time, and takes it back when it is over; NULL: not yet. */
void receive_thread_test(struct receive_thread *thread, struct self_test *test);
struct self_test *receive_thread_tested(struct receive_thread *thread);
/* Ends, joins, frees; close the hand-over first. false: its driver does not come back within RECEIVE_STOP_S;
 * the thread and all that it uses are left as they are. */
bool receive_thread_stop(struct receive_thread *thread);

#endif
