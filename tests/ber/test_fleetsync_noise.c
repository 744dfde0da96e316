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

enum { SECOND = 24000, HOURS = 1, BRANCHES_MAX = 16, STATE_MAX = 16384 };

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

static void listen(const char *modem_id, unsigned seconds)
{
    static float audio[SECOND];
    const struct modem_class *modem_class = modem_find(modem_id)->class;
    struct impair_random random;
    struct modem *modem;
    assert_true(fleetsync->state_size <= STATE_MAX && modem_class->branches <= BRANCHES_MAX);
    for (unsigned i = 0; i < BRANCHES_MAX; i++)
        fleetsync->reset(stream[i]);
    output = (struct protocol_output){.message = on_message};
    impair_random_seed(&random, 2024);
    assert_int_equal(modem_class->create(&modem, RATE_HZ, MODEM_AUDIO), ATALAYA_OK);
    for (unsigned i = 0; i < seconds; i++) {
        memset(audio, 0, sizeof audio);
        impair_add_noise(&random, audio, SECOND, 0.2);
        modem_class->execute(modem, audio, SECOND, on_bits, NULL);
    }
    modem_class->destroy(modem);
    print_message("%s, %u h, %u branches: %llu synchronisations without a block, %llu messages\n", modem_id,
                  seconds / 3600, modem_class->branches, (unsigned long long)output.counts.check,
                  (unsigned long long)output.counts.messages);
}

static void noise_is_no_message(void **state)
{
    (void)state;
    const char *hours = getenv("ATALAYA_NOISE_HOURS"); /* by hand: more of it */
    unsigned seconds = 3600 * (hours ? (unsigned)strtoul(hours, NULL, 10) : HOURS);
    fleetsync = protocol_find("fleetsync")->protocol;
    listen("ffsk1200", seconds);
    listen("ffsk2400", seconds);
    assert_int_equal(calls_for_help, 0);
    assert_true(messages * 50 <= seconds / 3600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(noise_is_no_message)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
