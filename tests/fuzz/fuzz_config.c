/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a configuration: refused with a complaint or understood, nothing else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/units.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count_complaint(void *context, bool is_error, const char *place, const char *text)
{
    (void)is_error;
    if (!*place || !*text || strlen(text) > 1000)
        abort();
    ++*(unsigned *)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *config;
    unsigned complaints = 0;
    enum atalaya_result result =
        config_parse((const char *)data, size, "dir/fuzz.conf", &config, count_complaint, &complaints);
    if ((result == ATALAYA_OK) != (config != NULL) || (result != ATALAYA_OK && complaints == 0))
        abort();
    if (!config)
        return 0;
    struct units *units;
    struct unit_identity who;
    if (units_create(config, &units) != ATALAYA_OK)
        abort();
    units_identify(units, "ax25", "N0CALL-9", &who);
    units_destroy(units);
    config_free(config);
    return 0;
}
