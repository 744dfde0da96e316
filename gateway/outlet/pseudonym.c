/* SPDX-License-Identifier: Apache-2.0 */
#include "outlet/pseudonym.h"

#include <sodium.h>
#include <string.h>

#include "atalaya/gateway/log.h"

static const char group[] = "outlet", key[] = "pseudonyms";

struct loading {
    unsigned char *secret;
    bool found;
};

static void load(void *context, const char *name, const void *value, size_t length)
{
    struct loading *loading = context;
    if (strcmp(name, key) != 0 || length != OUTLET_SECRET_BYTES)
        return;
    memcpy(loading->secret, value, length);
    loading->found = true;
}

void pseudonym_secret(struct spool *spool, unsigned char secret[OUTLET_SECRET_BYTES])
{
    struct loading loading = {.secret = secret};
    (void)spool_list(spool, group, load, &loading); /* not found then, and said by the spool */
    if (loading.found)
        return;
    randombytes_buf(secret, OUTLET_SECRET_BYTES);
    if (spool_put(spool, SPOOL_DISTRESS, group, key, secret, OUTLET_SECRET_BYTES) != ATALAYA_OK)
        log_warning("the secret of pseudonyms could not be kept: units have other topics after a restart");
}
