/* SPDX-License-Identifier: Apache-2.0 */
/* What soft decisions are worth to MPT1327: see soft_gain.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "atalaya/protocol/protocol.h"
#include "soft_gain.h"

/* A status from one radio of a fleet to another. */
static void make_status(struct impair_random *random, struct message *message)
{
    const struct protocol *mpt1327 = protocol_find("mpt1327")->protocol;
    message_reset(message, "mpt1327", "mpt1327");
    snprintf(message->unit, sizeof message->unit, "036-1%03u",
             (unsigned)(1000.0 * impair_random_uniform(random)));
    snprintf(message->to, sizeof message->to, "036-2%03u",
             (unsigned)(1000.0 * impair_random_uniform(random)));
    message->kind = MESSAGE_STATUS;
    (void)message_add_integer(message, "status", 10 + (int)(10.0 * impair_random_uniform(random)));
    assert_int_equal(mpt1327->compose(message), ATALAYA_OK);
}

static void soft_decisions_are_worth_their_trouble(void **state)
{
    const struct soft_gain gain = {
        .protocol = "mpt1327", .make = make_status, .quiet = 3600, .from_db = 3.0, .better_db = 2.0};
    (void)state;
    soft_gain_check(&gain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(soft_decisions_are_worth_their_trouble)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
