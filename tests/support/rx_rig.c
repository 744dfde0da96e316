/* SPDX-License-Identifier: Apache-2.0 */
#include "rx_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct rx_rig rx;

static void take(void *context, const struct reception *reception)
{
    (void)context;
    assert_true(rx.heard_count < RX_HEARD_MAX);
    rx.heard[rx.heard_count++] = *reception;
}

int rx_set_up(void **state)
{
    (void)state;
    rx.config = calloc(1, sizeof *rx.config);
    return rx.config ? 0 : -1;
}

int rx_tear_down(void **state)
{
    (void)state;
    free(rx.config);
    return 0;
}

struct config_channel *rx_add_channel(const char *name)
{
    struct config *config = rx.config;
    struct config_channel *channel = &config->channel[config->channel_count++];
    memset(channel, 0, sizeof *channel);
    (void)snprintf(channel->name, sizeof channel->name, "%s", name);
    channel->protocol_count = 1;
    strcpy(channel->protocols[0], "ax25");
    return channel;
}

size_t rx_line_bits(const char *protocol, const char *text, uint8_t *bits, size_t max)
{
    static struct message message;
    const struct protocol_row *row = protocol_find(protocol);
    const struct protocol_transmit how = {.preamble_bits = RX_PREAMBLE_BITS};
    message_reset(&message, protocol, row->protocol->address_space);
    assert_int_equal(row->protocol->from_text(&message, text, strlen(text)), ATALAYA_OK);
    size_t count = row->protocol->transmit(&message, &how, bits, max);
    assert_true(count > 0);
    return count;
}

void rx_run(struct config_source settings, const char *path, double seconds)
{
    struct config *config = rx.config;
    struct source *source;
    struct receiver *receiver;
    struct protocol_counts counts;
    uint64_t messages = 0;
    settings.type = SOURCE_FILE;
    strcpy(settings.name, "recording");
    (void)snprintf(settings.path, sizeof settings.path, "%s", path);
    config->source[0] = settings;
    config->source_count = 1;
    rx.heard_count = 0;
    assert_int_equal(source_open(&config->source[0], &source), ATALAYA_OK);
    assert_int_equal(receiver_create(config, 0, source, take, NULL, &receiver), ATALAYA_OK);
    enum atalaya_result result;
    while ((result = receiver_step(receiver)) == ATALAYA_OK)
        continue;
    assert_int_equal(result, ATALAYA_END);
    assert_float_equal(receiver_seconds(receiver), seconds, 1e-9);
    for (size_t row = 0; row < protocol_table_size; row++) {
        receiver_counts(receiver, row, &counts);
        messages += counts.messages;
    }
    assert_true(messages >= rx.heard_count);
    receiver_destroy(receiver);
    source_close(source);
}
