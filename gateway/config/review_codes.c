/* SPDX-License-Identifier: Apache-2.0 */
/* Cross checks of the codes: of a protocol that exists, and each with one meaning. */
#include <strings.h>

#include "atalaya/protocol/protocol.h"
#include "config/reading.h"

static bool is_same(const struct config_code *a, const struct config_code *b)
{
    return protocol_id_is(a->protocol, b->protocol) && strcasecmp(a->field, b->field) == 0 &&
           strcasecmp(a->value, b->value) == 0;
}

void review_codes(struct reading *reading)
{
    const struct config *config = reading->config;
    const unsigned *lines = reading->line[SECTION_code];
    for (unsigned i = 0; i < config->code_count; i++) {
        const struct config_code *code = &config->code[i];
        if (*code->protocol && !protocol_find(code->protocol))
            complain_error(&reading->complaints, lines[i],
                           "code '%s': no protocol \"%s\" is built in; atalaya protocols lists them",
                           code->name, code->protocol);
        for (unsigned k = 0; k < i; k++)
            if (is_same(code, &config->code[k])) {
                complain_error(&reading->complaints, lines[i],
                               "code '%s' is the same as code '%s' in line %u: %s %s of %s; remove one",
                               code->name, config->code[k].name, lines[k], code->field, code->value,
                               code->protocol);
                break;
            }
    }
}
