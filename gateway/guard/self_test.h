/* SPDX-License-Identifier: Apache-2.0 */
/* One test of one channel: waits until nobody is on it, mixes the site's own burst into the samples as they
 * come from the source, and sees whether the channel's decoders give it back. Whatever of it comes out goes
 * no further than here. Made and destroyed on the main thread; in between it is the receive thread's. */
#ifndef ATALAYA_SELF_TEST_H
#define ATALAYA_SELF_TEST_H

#include "atalaya/dsp/squelch.h"
#include "test_burst.h"

enum self_test_result {
    SELF_TEST_NONE, /* not tried yet */
    SELF_TEST_PASSED,
    SELF_TEST_FAILED,
    SELF_TEST_BUSY,        /* the channel was never quiet, or lost samples all the time */
    SELF_TEST_GONE,        /* the source was */
    SELF_TEST_UNSUPPORTED, /* none of the channel's protocols can be sent */
    SELF_TEST_RESULT_COUNT
};
const char *self_test_result_text(enum self_test_result result);

#define SELF_TEST_LISTEN_S 3.0 /* behind its end, so long decoders may take */

struct self_test_outcome {
    enum self_test_result result;
    double level_dbfs, snr_db; /* of the burst; snr_db over the channel's noise; NaN: it was never sent */
    double delay_s;            /* from its end until it was decoded */
    const char *protocol;      /* static; NULL: none */
    bool disturbed; /* somebody began to transmit meanwhile, or samples were lost: it was cut off */
};

struct self_test;

/* channel: index in config. Takes the burst over, also on ATALAYA_E_MEMORY. */
enum atalaya_result self_test_create(const struct config *config, unsigned channel,
                                     const struct source_format *format, struct test_burst *burst,
                                     struct self_test **test);
unsigned self_test_channel(const struct self_test *test);
bool self_test_over(const struct self_test *test);
void self_test_give_up(struct self_test *test, enum self_test_result result);
void self_test_outcome(const struct self_test *test, struct self_test_outcome *outcome);
void self_test_destroy(struct self_test *test); /* NULL is allowed */

/* --- receive thread --- */
/* The block to go on with: this one, or a copy with the burst in it that lasts until the next call. squelch:
 * of the channel; seconds: of signal, at the block's end. */
const struct source_block *self_test_execute(struct self_test *test, const struct source_block *block,
                                             const struct squelch *squelch, double seconds);
/* Something was decoded on that channel: true, it is the test's own. What calls for help never is. */
bool self_test_hear(struct self_test *test, unsigned channel, const struct message *message);
/* What the squelch of that channel says now is the test's own doing. Of audio it hears the source without it.
 */
bool self_test_hides(const struct self_test *test, unsigned channel);

#endif
