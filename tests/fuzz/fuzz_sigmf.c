/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the metadata of a SigMF recording: refused with a reason, or sane. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../gateway/source/sigmf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sigmf_meta meta;
    char why[64] = "";
    enum atalaya_result result = sigmf_parse((const char *)data, size, &meta, why, sizeof why);
    if (result != ATALAYA_OK && why[0] == '\0')
        abort();
    if (result == ATALAYA_OK &&
        (!(meta.rate_hz > 0.0) || meta.format == SAMPLE_AUTO || meta.header_bytes > 1000000000))
        abort();
    if (strlen(why) >= sizeof why)
        abort();
    return 0;
}
