/* SPDX-License-Identifier: Apache-2.0 */
#include "sent_ear.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void on_message(void *context, const struct message *message)
{
    struct sent_ear *ear = context;
    const struct message *sent = &ear->sent;
    const bool same =
        message->raw_length == sent->raw_length && memcmp(message->raw, sent->raw, sent->raw_length) == 0;
    ear->whole = ear->whole || same;
    ear->wrong += !same;
}

void sent_ear_create(struct sent_ear *ear, const char *protocol)
{
    memset(ear, 0, sizeof *ear);
    ear->protocol = protocol_find(protocol)->protocol;
    ear->output.message = on_message;
    ear->output.context = ear;
    for (unsigned i = 0; i < SENT_EAR_BRANCHES; i++) {
        ear->streams[i] = malloc(ear->protocol->state_size);
        assert_non_null(ear->streams[i]);
    }
    sent_ear_reset(ear);
}

void sent_ear_reset(struct sent_ear *ear)
{
    for (unsigned i = 0; i < SENT_EAR_BRANCHES; i++)
        ear->protocol->reset(ear->streams[i]);
    ear->whole = false;
}

void sent_ear_hear(void *context, const struct soft_run *run)
{
    struct sent_ear *ear = context;
    assert_true(run->branch < SENT_EAR_BRANCHES);
    ear->protocol->execute(ear->streams[run->branch], run, &ear->output);
}

void sent_ear_destroy(struct sent_ear *ear)
{
    for (unsigned i = 0; i < SENT_EAR_BRANCHES; i++)
        free(ear->streams[i]);
}
