/* SPDX-License-Identifier: Apache-2.0 */
/* What soft decisions are worth to FleetSync of both generations: see soft_gain.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "soft_gain.h"

static void make_burst(struct impair_random *random, struct message *message, unsigned generation)
{
    message_reset(message, "fleetsync", "kenwood");
    message->raw[0] = 0xfe;
    message->raw[1] = 0x80;
    for (unsigned i = 2; i < 6; i++)
        message->raw[i] = (uint8_t)(256.0 * impair_random_uniform(random));
    message->raw_length = 6;
    (void)message_add_integer(message, "generation", generation);
}

static void make_first(struct impair_random *random, struct message *message)
{
    make_burst(random, message, 1);
}

static void make_second(struct impair_random *random, struct message *message)
{
    make_burst(random, message, 2);
}

/* Better by 2 dB than a receiver with one demodulator and bare decisions; by how much than bare decisions of
 * all branches, of which each is another try? */
static void measure(void (*make)(struct impair_random *random, struct message *message), double from_db,
                    double better_db)
{
    struct soft_gain gain = {.protocol = "fleetsync", .make = make, .quiet = 3600, .from_db = from_db};
    soft_gain_measure(&gain);
    assert_int_equal(gain.wrong, 0);
    assert_true(gain.guessed_wrong <= 3); /* of thousands of copies damaged beyond repair */
    assert_true(gain.one_db - gain.soft_db >= 2.0);
    assert_true(gain.all_db - gain.soft_db >= better_db);
}

static void soft_decisions_are_worth_their_trouble(void **state)
{
    (void)state;
    measure(make_first, 3.0, 1.9); /* 150 bursts: to 0.15 dB */
    measure(make_second, 0.0, 2.6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(soft_decisions_are_worth_their_trouble)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
