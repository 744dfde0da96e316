/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of what a radio that called for help is told: can it be said at all, and does it do harm? */
#include <string.h>
#include <strings.h>

#include "config/reading.h"

/* Another site that hears the answer would take it for a call. */
static bool calls_for_help(const struct config_distress *distress, const char *text)
{
    for (unsigned i = 0; i < distress->text_count; i++)
        if (strcasestr(text, distress->texts[i]))
            return true;
    return false;
}

/* What every protocol that carries words can say. */
static bool is_plain(const char *text)
{
    bool plain = text[0] != '?';
    for (; *text; text++)
        plain = plain && *text >= ' ' && *text < '~' && *text != '{' && *text != '|';
    return plain;
}

static void review_texts(struct reading *reading)
{
    const struct config_answer *answer = &reading->config->answer;
    const char *const texts[] = {answer->heard_text, answer->received_text, answer->acknowledged_text};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (calls_for_help(&reading->config->distress, texts[i]))
            complain_error(&reading->complaints, reading->line[SECTION_answer][0],
                           "answer has the text \"%s\", which is itself a call for help; use other words",
                           texts[i]);
        if (!is_plain(texts[i])) /* no error: a tower that does not start hears nobody */
            complain_warning(
                &reading->complaints, reading->line[SECTION_answer][0],
                "answer has the text \"%s\", which APRS cannot say, so nobody who calls for help "
                "there will be told; use letters without accents, and no { | ~ or leading ?",
                texts[i]);
        for (size_t k = 0; k < i; k++)
            if (strcasecmp(texts[i], texts[k]) == 0)
                complain_error(&reading->complaints, reading->line[SECTION_answer][0],
                               "answer says \"%s\" for two different things; use different words", texts[i]);
    }
}

/* Under that name of its own; to whom does not matter. */
static bool can_say_heard(const struct protocol_row *row, const char *radio)
{
    const char *id = strchr(radio, '.') + 1;
    const struct protocol_say say = {
        .what = SAY_DISTRESS_HEARD, .from = id, .to = id, .text = "HEARD", .number = ""};
    struct message message;
    bool asks;
    message_reset(&message, row->id, row->protocol->address_space);
    return row->protocol->say(&say, &message, &asks) != ATALAYA_E_UNSUPPORTED;
}

/* By a transmitter on the channel where the call was heard, or by a base radio. */
static void look_for_ways(const struct config *config, const struct config_channel *channel, bool *any,
                          bool *heard)
{
    bool base_radio = config->source[channel->source].type == SOURCE_SERIAL;
    *any = *any || base_radio;
    *heard = *heard || base_radio;
    for (unsigned t = 0; t < config->transmitter_count; t++) {
        const struct config_transmitter *transmitter = &config->transmitter[t];
        if (strcmp(transmitter->channel, channel->name) != 0)
            continue;
        for (unsigned r = 0; r < transmitter->radio_count; r++)
            for (unsigned p = 0; p < channel->protocol_count; p++) {
                const struct protocol_row *row = protocol_find(channel->protocols[p]);
                bool way = radio_is_of(row, transmitter->radios[r]);
                *any = *any || way;
                *heard = *heard || (way && can_say_heard(row, transmitter->radios[r]));
            }
    }
}

/* A warning: the rest of the site is worth as much as before. */
void review_answers(struct reading *reading)
{
    const struct config *config = reading->config;
    bool any = false, heard = false;
    review_texts(reading);
    for (unsigned c = 0; c < config->channel_count; c++)
        look_for_ways(config, &config->channel[c], &any, &heard);
    if (!config->answer.heard || heard)
        return;
    complain_warning(
        &reading->complaints, reading->line[SECTION_answer][0],
        any ? "answer has heard = true, but no transmitter here can say that: its radios know one "
              "answer, which is kept for \"a person has it\"; remove it, or add a transmitter whose "
              "radios carry words"
            : "answer has heard = true, but nothing here sends, so nobody who calls for help is "
              "told; add transmitter \"name\" { channel = ... radios = {...} } (atalaya sample-config "
              "explains it), or remove heard");
}
