/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a command: refused with a reason of the closed set, or well-formed with bytes to
 * verify; the answer always has a valid topic.
 * And as a publication on the screen of `atalaya watch`: never a control character. */
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/inbound.h"

#include "../../gateway/mqtt/cot.h"
#include "../../gateway/mqtt/feed_health.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const char *name, const uint8_t *data, size_t size, bool retained)
{
    static struct inbound_command command;
    char topic[INBOUND_TOPIC_MAX];
    inbound_judge("t", name, data, size, retained, &command);
    if ((unsigned)command.refusal >= INBOUND_REFUSAL_COUNT ||
        (retained && command.refusal != INBOUND_RETAINED))
        abort();
    if (command.refusal == INBOUND_ACCEPTED) {
        static const char start[] = "atalaya-command-1\nt\n";
        if (command.what >= INBOUND_WHAT_COUNT || command.signed_length > INBOUND_SIGNED_MAX ||
            memcmp(command.signed_bytes, start, sizeof start - 1) != 0)
            abort();
        inbound_judge_time(&command, INT64_C(1795473720000000000), 120);
    }
    inbound_response_topic("t", &command, topic);
    if (strpbrk(topic, "+#") || strncmp(topic, "site/t/response/", 16) != 0 || strchr(topic + 16, '/'))
        abort();
    json_t *answer = inbound_answer(&command);
    if (!answer)
        abort();
    json_decref(answer);
}

static void try_command(const uint8_t *data, size_t size)
{
    char name[40] = "site/t/command/";
    size_t n = strlen(name);
    for (size_t i = 0; i < size && n < sizeof name - 1 && data[i]; i++)
        name[n++] = (char)data[i];
    name[n] = '\0';
    judge(name, data, size, size & 1);
    judge("site/t/command/transmit", data, size, false);
    judge("site/t/command/acknowledge", data, size, false);
    judge("site/t/command/ping", data, size, false);
}

static void try_feed(const uint8_t *data, size_t size)
{
    static const char *const topics[] = {"a/site/t/position/u", "a/site/t/distress/d", "a/site/t/status",
                                         "a/site/t/message/u", "a/site/t/health"};
    static struct feed_health_book book;
    char line[FEED_LINE_MAX];
    struct feed_options options = {.prefix = "a", .colour = false};
    const char *topic = topics[size % (sizeof topics / sizeof *topics)];
    (void)feed_health_is_news(&book, topic, data, size);
    if (!feed_format(&options, topic, data, size, line))
        return;
    for (const char *byte = line; *byte; byte++)
        if ((unsigned char)*byte < 0x20 || *byte == 0x7f)
            abort();
}

static void try_map(const uint8_t *data, size_t size)
{
    static struct cot_book book;
    static char text[COT_TEXT_MAX];
    static const char end[] = "</detail></event>\n";
    struct feed_options options = {.prefix = "a"};
    const char *topic = size % 2   ? "a/site/t/position/u"
                        : size % 3 ? "a/site/t/distress/d"
                                   : "a/site/s/distress/e";
    if (!cot_format(&book, &options, topic, data, size, text))
        return;
    size_t length = strlen(text);
    if (length < sizeof end || strcmp(text + length - (sizeof end - 1), end) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_command(data, size);
    try_feed(data, size);
    try_map(data, size);
    return 0;
}
