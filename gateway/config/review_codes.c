/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of what numbers mean, and of the standards that channels choose. */
#include <string.h>

#include "atalaya/protocol/protocol.h"
#include "codes.h"
#include "config/reading.h"

static void review_match(struct reading *reading, const struct config_code *code, unsigned line,
                         const char *match)
{
    char protocol[CONFIG_TEXT_MAX], field[CONFIG_TEXT_MAX];
    if (!code_match_split(match, protocol, field))
        complain_error(&reading->complaints, line,
                       "match \"%s\" of code '%s' must read protocol.field=pattern, for example "
                       "\"mdc1200.status=3\"",
                       match, code->name);
    else if (!protocol_find(protocol))
        complain_error(
            &reading->complaints, line,
            "match \"%s\" of code '%s' names a protocol that is not built in; atalaya protocols lists "
            "what is",
            match, code->name);
}

void review_codes(struct reading *reading)
{
    for (unsigned i = 0; i < reading->config->code_count; i++) {
        const struct config_code *code = &reading->config->code[i];
        for (unsigned k = 0; k < code->match_count && !reading->faulty[SECTION_code][i]; k++)
            review_match(reading, code, reading->line[SECTION_code][i], code->match[k]);
    }
}

static bool channel_knows(const struct config_channel *channel, const char *variant)
{
    for (unsigned k = 0; k < channel->protocol_count; k++) {
        const struct protocol_row *row = protocol_find(channel->protocols[k]);
        if (row && protocol_variant(row->protocol, variant))
            return true;
    }
    return false;
}

void review_variants(struct reading *reading)
{
    for (unsigned i = 0; i < reading->config->channel_count; i++) {
        const struct config_channel *channel = &reading->config->channel[i];
        for (unsigned k = 0; k < channel->variant_count; k++)
            if (!channel_knows(channel, channel->variants[k]))
                complain_error(
                    &reading->complaints, reading->line[SECTION_channel][i],
                    "channel '%s' wants variant '%s', which none of its protocols has; atalaya protocols "
                    "lists them",
                    channel->name, channel->variants[k]);
    }
}
