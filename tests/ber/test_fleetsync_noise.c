/* SPDX-License-Identifier: Apache-2.0 */
/* Hours of white noise, as an open squelch gives it, and no FleetSync message of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"

#define RATE_HZ 24000.0

enum { SECOND = 24000, HOURS = 2, BRANCHES_MAX = 16, STATE_MAX = 16384 };

static _Alignas(16) uint8_t stream[BRANCHES_MAX][STATE_MAX];
static struct protocol_output output;
static const struct protocol *fleetsync;
static unsigned messages, calls_for_help;

static void on_message(void *context, const struct message *message)
{
    (void)context;
    messages++;
    calls_for_help += message->distress == DISTRESS_RAISED && !message->guessed;
}

static void on_bits(void *context, const struct soft_run *run)
{
    (void)context;
    fleetsync->execute(stream[run->branch], run, &output);
}

static void noise_is_no_message(void **state)
{
    (void)state;
    static float audio[SECOND];
    const char *hours = getenv("ATALAYA_NOISE_HOURS"); /* by hand: more of it */
    unsigned seconds = 3600 * (hours ? (unsigned)strtoul(hours, NULL, 10) : HOURS);
    const struct modem_class *ffsk = modem_find("ffsk1200")->class;
    struct impair_random random;
    struct modem *modem;
    fleetsync = protocol_find("fleetsync")->protocol;
    output.message = on_message;
    assert_true(fleetsync->state_size <= STATE_MAX && ffsk->branches <= BRANCHES_MAX);
    for (unsigned i = 0; i < BRANCHES_MAX; i++)
        fleetsync->reset(stream[i]);
    impair_random_seed(&random, 2024);
    assert_int_equal(ffsk->create(&modem, RATE_HZ, MODEM_AUDIO), ATALAYA_OK);
    for (unsigned i = 0; i < seconds; i++) {
        memset(audio, 0, sizeof audio);
        impair_add_noise(&random, audio, SECOND, 0.2);
        ffsk->execute(modem, audio, SECOND, on_bits, NULL);
    }
    ffsk->destroy(modem);
    print_message("%u h, %u branches: %llu synchronisations without a block, %u messages\n", seconds / 3600,
                  ffsk->branches, (unsigned long long)output.counts.check, messages);
    assert_int_equal(calls_for_help, 0);
    assert_true(messages * 100 <= seconds / 3600); /* one in four days was measured */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(noise_is_no_message)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
