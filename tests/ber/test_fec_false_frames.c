/* SPDX-License-Identifier: Apache-2.0 */
/* FX.25 and IL2P on random bits: none of them is a frame in an hour of nine branches at 1200 bit/s. By design
 * FX.25 takes noise for a tag three times a day and then has at most 1e-5 to find a frame there; IL2P takes
 * it for a sync word 116 times an hour, of which its header, its blocks and its CRC leave far less than one a
 * year. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/protocol/protocol.h"

enum { RUN = 1 << 14 };
#define BITS (UINT64_C(9) * 1200 * 3600)

static unsigned heard;

static void on_message(void *context, const struct message *message)
{
    (void)context;
    printf("unit %s\n", message->unit);
    heard++;
}

static void random_make(struct impair_random *random, int8_t *soft, struct error_event *event)
{
    for (unsigned i = 0; i < RUN; i++) {
        uint64_t bits = impair_random_next(random);
        soft[i] = (int8_t)((int)(bits >> 8 & 127) * (bits & 1 ? 1 : -1));
        event[i] =
            (struct error_event){.mask = 1U << (bits >> 16 & 7) | 1, .reliability = bits >> 32 & 0xfff};
    }
}

static void listen(const char *id)
{
    static int8_t soft[RUN];
    static struct error_event event[RUN];
    const struct protocol *protocol = protocol_find(id)->protocol;
    struct protocol_output output = {.message = on_message};
    struct impair_random random;
    void *state = malloc(protocol->state_size);
    assert_non_null(state);
    protocol->reset(state);
    impair_random_seed(&random, 7);
    for (uint64_t at = 0; at < BITS; at += RUN) {
        const struct soft_run run = {.soft = soft, .event = event, .count = RUN, .first_bit = at};
        random_make(&random, soft, event);
        protocol->execute(state, &run, &output);
    }
    free(state);
    printf("%s: %llu blocks failed their check\n", id, (unsigned long long)output.counts.check);
    assert_int_equal(heard, 0);
}

static void fx25_hears_nothing(void **state)
{
    (void)state;
    listen("fx25");
}

static void il2p_hears_nothing(void **state)
{
    (void)state;
    listen("il2p");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fx25_hears_nothing),
                                       cmocka_unit_test(il2p_hears_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
