/* SPDX-License-Identifier: Apache-2.0 */
/* The path a burst takes, in one place: source -> channels -> modems -> protocols -> receptions. Used by the
 * receive threads of `atalaya run` and by `atalaya decode` alike. */
#ifndef ATALAYA_GATEWAY_RECEIVER_H
#define ATALAYA_GATEWAY_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/reception.h"
#include "atalaya/gateway/source.h"
#include "atalaya/protocol/protocol.h"
#include "atalaya/result.h"

struct receiver;
struct activity;
struct squelch_figures;

/* A message was heard, copies collapsed. On the receiver's thread; the reception lasts until the call
 * returns. */
typedef void receiver_sink(void *context, const struct reception *reception);

/* Builds the modems and protocol states for an open source and its channels in `config` (those whose .source
 * is source_index). All memory is taken here. Complaints are logged. */
enum atalaya_result receiver_create(const struct config *config, unsigned source_index, struct source *source,
                                    receiver_sink *sink, void *context, struct receiver **receiver);
struct carrier_board;
/* Tells transmitters who is on its channels; before the first step. */
enum atalaya_result receiver_watch_carriers(struct receiver *receiver, const struct config *config,
                                            struct carrier_board *board);
/* Has every transmission told, decoded or not (gateway/activity.h); right after create, takes memory. */
enum atalaya_result receiver_watch(struct receiver *receiver,
                                   void (*sink)(void *context, const struct activity *activity),
                                   void *context);
struct noise_watch;
/* Has the noise of every channel watched (gateway/guard/noise_watch.h): watches [size: channels of config],
 * of which the receiver uses those of its own; they outlive it. After receiver_watch; takes memory. */
enum atalaya_result receiver_guard(struct receiver *receiver, const struct config *config,
                                   struct noise_watch *watches);
struct self_test;
/* From the next step on (gateway/guard/self_test.h); NULL: none. After receiver_guard. false: it does not
 * have the channel. */
bool receiver_test(struct receiver *receiver, struct self_test *test);
/* One block: result of source_read. No allocation, no waiting but for samples. */
enum atalaya_result receiver_step(struct receiver *receiver);
double receiver_seconds(const struct receiver *receiver); /* of signal read so far */
/* For views, on the receiver's thread: the block read last, and of a watched receiver how channel `index` of
 * receiver_channel_count looks (its name; NaN where not watched). */
const struct source_block *receiver_block(const struct receiver *receiver);
unsigned receiver_channel_count(const struct receiver *receiver);
const char *receiver_channel(const struct receiver *receiver, unsigned index, double *frequency_hz,
                             struct squelch_figures *figures);
/* Sum of the counts of all streams of the protocol row `row` (index in protocol_table). Receiver's thread. */
void receiver_counts(const struct receiver *receiver, size_t row, struct protocol_counts *counts);
/* The sink gets what was still held back first. NULL is allowed. */
void receiver_destroy(struct receiver *receiver);

#endif
