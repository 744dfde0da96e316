/* SPDX-License-Identifier: Apache-2.0 */
/* A burst with which the site tests itself, as the samples of a source hear it: audio, or a band of radio. It
 * says in its own words that it is a test, in the name of nobody, and is never on air. Made on the main
 * thread, which may allocate; mixed in on the receive thread, which does not. */
#ifndef ATALAYA_TEST_BURST_H
#define ATALAYA_TEST_BURST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/source.h"
#include "atalaya/protocol/protocol.h"
#include "../words.h"

struct test_burst;

/* In the first of the channel's protocols that can say it and be heard there. words: what it says must mean
 * nothing at this site. ATALAYA_E_UNSUPPORTED: there is none; ATALAYA_E_MEMORY. */
enum atalaya_result test_burst_create(const struct config_channel *channel,
                                      const struct source_format *format, struct words *words,
                                      struct test_burst **burst);
const struct protocol_row *test_burst_protocol(const struct test_burst *burst);
/* Is a message one of those that the burst says? Or comes it from the same nobody: a copy that was damaged?
 */
bool test_burst_is(const struct test_burst *burst, const struct message *message);
bool test_burst_resembles(const struct test_burst *burst, const struct message *message);
/* Adds the next part to interleaved samples [size: frames * lanes of the format], a carrier or tone of that
 * amplitude. Returns whether it goes on. */
bool test_burst_mix(struct test_burst *burst, float amplitude, float *samples, size_t frames);
void test_burst_destroy(struct test_burst *burst); /* NULL is allowed */

#endif
