/* SPDX-License-Identifier: Apache-2.0 */
/* What soft decisions are worth to MDC-1200: see soft_gain.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "soft_gain.h"

static void make_packet(struct impair_random *random, struct message *message)
{
    message_reset(message, "mdc1200", "mdc1200");
    message->raw[0] = 0x46;
    for (unsigned i = 1; i < 4; i++)
        message->raw[i] = (uint8_t)(256.0 * impair_random_uniform(random));
    message->raw_length = 4;
}

static void soft_decisions_are_worth_their_trouble(void **state)
{
    const struct soft_gain gain = {
        .protocol = "mdc1200", .make = make_packet, .quiet = 2400, .from_db = -3.0, .better_db = 2.0};
    (void)state;
    soft_gain_check(&gain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(soft_decisions_are_worth_their_trouble)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
