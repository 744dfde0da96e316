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

static void soft_decisions_are_worth_their_trouble(void **state)
{
    const struct soft_gain first = {"fleetsync", make_first, .quiet = 3600, .from_db = 3.0, .better_db = 1.9};
    const struct soft_gain second = {"fleetsync", make_second, .quiet = 3600, .better_db = 2.6};
    (void)state;
    soft_gain_check(&first); /* 150 bursts: to 0.15 dB */
    soft_gain_check(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(soft_decisions_are_worth_their_trouble)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
