/* SPDX-License-Identifier: Apache-2.0 */
/* Hours of white noise, as an open squelch gives it, and none of the FFSK protocols makes a message of it. */
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

enum { SECOND = 24000, HOURS = 1, BRANCHES_MAX = 16, STATE_MAX = 16384, LISTENERS_MAX = 4 };

struct listener {
    const struct protocol_row *row;
    struct protocol_output output;
    unsigned messages, calls_for_help;
    _Alignas(16) uint8_t stream[BRANCHES_MAX][STATE_MAX];
};

static struct listener listeners[LISTENERS_MAX];
static unsigned listener_count;

static void on_message(void *context, const struct message *message)
{
    struct listener *listener = context;
    listener->messages++;
    listener->calls_for_help += message->distress == DISTRESS_RAISED && !message->guessed;
}

static void on_bits(void *context, const struct soft_run *run)
{
    (void)context;
    for (unsigned i = 0; i < listener_count; i++)
        listeners[i].row->protocol->execute(listeners[i].stream[run->branch], run, &listeners[i].output);
}

static void listen_with_all(const char *modem_id)
{
    listener_count = 0;
    for (size_t row = 0; row < protocol_table_size; row++) {
        if (!protocol_uses_modem(&protocol_table[row], modem_id))
            continue;
        assert_true(listener_count < LISTENERS_MAX);
        struct listener *listener = &listeners[listener_count++];
        *listener = (struct listener){.row = &protocol_table[row]};
        listener->output.message = on_message;
        listener->output.context = listener;
        assert_true(listener->row->protocol->state_size <= STATE_MAX);
        for (unsigned i = 0; i < BRANCHES_MAX; i++)
            listener->row->protocol->reset(listener->stream[i]);
    }
}

static void hear_noise(const char *modem_id, unsigned hours)
{
    static float audio[SECOND];
    const struct modem_class *modem_class = modem_find(modem_id)->class;
    struct impair_random random;
    struct modem *modem;
    assert_true(modem_class->branches <= BRANCHES_MAX);
    listen_with_all(modem_id);
    impair_random_seed(&random, 2024);
    assert_int_equal(modem_class->create(&modem, RATE_HZ, MODEM_AUDIO), ATALAYA_OK);
    for (unsigned i = 0; i < 3600 * hours; i++) {
        memset(audio, 0, sizeof audio);
        impair_add_noise(&random, audio, SECOND, 0.2);
        modem_class->execute(modem, audio, SECOND, on_bits, NULL);
    }
    modem_class->destroy(modem);
    for (unsigned i = 0; i < listener_count; i++) {
        print_message("%s, %u h, %u branches: %s: %llu words judged, %u messages, %u calls for help\n",
                      modem_id, hours, modem_class->branches, listeners[i].row->id,
                      (unsigned long long)listeners[i].output.counts.check, listeners[i].messages,
                      listeners[i].calls_for_help);
        assert_int_equal(listeners[i].calls_for_help, 0);
        assert_true(listeners[i].messages * 50 <= hours);
    }
}

static void noise_is_no_message(void **state)
{
    (void)state;
    const char *more = getenv("ATALAYA_NOISE_HOURS"); /* by hand */
    unsigned hours = more ? (unsigned)strtoul(more, NULL, 10) : HOURS;
    hear_noise("ffsk1200", hours);
    hear_noise("ffsk2400", hours);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(noise_is_no_message)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
