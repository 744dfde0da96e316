/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the short signalling protocols: a status of a random radio, which each of them can say in one
 * frame. Of beacons a test somewhere. */
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "bench.h"

static unsigned draw(struct impair_random *random, unsigned below)
{
    return (unsigned)(impair_random_uniform(random) * below);
}

static void put_digits(char *text, unsigned value, unsigned digits)
{
    for (unsigned i = digits; i-- > 0; value /= 10)
        text[i] = (char)('0' + value % 10);
}

static void name_mdc1200(struct impair_random *random, struct message *message)
{
    static const char digit[] = "0123456789ABCDEF";
    for (unsigned i = 0; i < 4; i++)
        message->unit[i] = digit[draw(random, 16)];
    (void)message_add_integer(message, "status", draw(random, 16));
}

static void name_fleetsync(struct impair_random *random, struct message *message)
{
    memcpy(message->unit, "100-1000", 9);
    memcpy(message->to, "100-1000", 9);
    put_digits(message->unit + 4, 1000 + draw(random, 4000), 4);
    put_digits(message->to + 4, 1000 + draw(random, 4000), 4);
    (void)message_add_integer(message, "status", 10 + draw(random, 90));
}

static void name_mpt1327(struct impair_random *random, struct message *message)
{
    memcpy(message->unit, "036-0000", 9);
    memcpy(message->to, "036-0000", 9);
    put_digits(message->unit + 4, 1 + draw(random, 8100), 4);
    put_digits(message->to + 4, 1 + draw(random, 8100), 4);
    (void)message_add_integer(message, "status", draw(random, 32));
}

/* A long message; a test protocol, so that nobody takes a recording of it in earnest. */
static void name_beacon(struct impair_random *random, struct message *message)
{
    static const char digit[] = "0123456789ABCDEF";
    char identity[7] = {0};
    for (unsigned i = 0; i < 6; i++)
        identity[i] = digit[draw(random, 16)];
    message->kind = MESSAGE_POSITION;
    message->test = message->has_position = true;
    message->position.lat_deg = 31.0 + impair_random_uniform(random);
    message->position.lon_deg = -112.0 + impair_random_uniform(random);
    (void)message_add_string(message, "beacon_protocol", "standard location test");
    (void)message_add_integer(message, "country", 366);
    (void)message_add_string(message, "test_identity", identity);
    (void)message_add_string(message, "position_source", "internal");
    (void)message_add_string(message, "homing", "121.5 MHz");
}

static const struct maker {
    const char *protocol;
    void (*name)(struct impair_random *random, struct message *message);
} makers[] = {{"mdc1200", name_mdc1200},
              {"fleetsync", name_fleetsync},
              {"mpt1327", name_mpt1327},
              {"cospas_sarsat", name_beacon}};

static const struct maker *find_maker(const struct bench_case *row)
{
    for (size_t i = 0; row && row->protocol && i < sizeof makers / sizeof *makers; i++)
        if (strcmp(makers[i].protocol, row->protocol) == 0)
            return &makers[i];
    return NULL;
}

bool bench_is_signalling(const struct bench_case *row)
{
    return find_maker(row) != NULL;
}

bool bench_signalling_make(struct bench_frame *frame, const struct bench_case *row, uint64_t seed,
                           unsigned index)
{
    static struct message message; /* large */
    struct impair_random random;
    const struct maker *maker = find_maker(row);
    const struct protocol_row *protocol = maker ? protocol_find(maker->protocol) : NULL;
    if (!protocol)
        return false;
    impair_random_seed(&random, seed << 20 ^ index);
    message_reset(&message, protocol->id, protocol->protocol->address_space);
    message.kind = MESSAGE_STATUS;
    maker->name(&random, &message);
    if (protocol->protocol->compose(&message) != ATALAYA_OK || message.raw_length > sizeof frame->raw)
        return false;
    frame->length = message.raw_length;
    memcpy(frame->raw, message.raw, frame->length);
    return true;
}
