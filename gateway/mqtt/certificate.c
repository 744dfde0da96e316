/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <time.h>

enum { FILE_CERTIFICATES_MAX = 500, DAY_S = 86400 }; /* a system's bundle has 140 */

/* Seconds since 1970; INT64_MAX: none that can be told. */
static int64_t end_of(const X509 *certificate)
{
    struct tm end;
    return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1 ? (int64_t)timegm(&end) : INT64_MAX;
}

/* Of one's own chain the first end counts. Of authorities the last: an old one may lie there beside the one
 * that replaces it. */
static int64_t file_end(const char *path, bool authorities)
{
    int64_t end_s = authorities ? INT64_MIN : INT64_MAX;
    unsigned count = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return INT64_MAX;
    for (X509 *one; count < FILE_CERTIFICATES_MAX && (one = PEM_read_X509(file, NULL, NULL, NULL)); count++) {
        int64_t its_s = end_of(one);
        if (authorities ? its_s > end_s : its_s < end_s)
            end_s = its_s;
        X509_free(one);
    }
    ERR_clear_error(); /* that there are no more */
    (void)fclose(file);
    return count > 0 ? end_s : INT64_MAX;
}

static bool complain(int64_t end_s, int64_t utc_ns, const char *what, const char *remedy, char *text)
{
    const time_t at = (time_t)end_s;
    struct tm date;
    char day[sizeof "2026-11-28"];
    int64_t left_s = end_s == INT64_MAX ? INT64_MAX : end_s - utc_ns / INT64_C(1000000000);
    if (left_s > CERTIFICATE_SOON_DAYS * DAY_S || !gmtime_r(&at, &date) ||
        strftime(day, sizeof day, "%Y-%m-%d", &date) == 0)
        return false;
    if (left_s <= 0)
        snprintf(text, CERTIFICATE_TEXT_MAX, "%s ended on %s: %s", what, day, remedy);
    else
        snprintf(text, CERTIFICATE_TEXT_MAX, "%s ends on %s, in %d days: %s", what, day,
                 (int)(left_s / DAY_S), remedy);
    return true;
}

bool certificate_complain(const struct config_broker *broker, int64_t utc_ns, char *text)
{
    char what[96];
    if (!broker->tls)
        return false;
    if (broker->certificate_file[0]) {
        snprintf(what, sizeof what, "certificate_file %.60s", broker->certificate_file);
        if (complain(file_end(broker->certificate_file, false), utc_ns, what,
                     "without a new one the broker takes this site no more (a new file is used from the next "
                     "connection on)",
                     text))
            return true;
    }
    if (!broker->ca_file[0])
        return false;
    snprintf(what, sizeof what, "ca_file %.60s", broker->ca_file);
    return complain(file_end(broker->ca_file, true), utc_ns, what,
                    "without a new one this site takes the broker no more (add the new authority beside it)",
                    text);
}

bool certificate_complain_shown(void *ssl, int64_t utc_ns, char *text)
{
    STACK_OF(X509) *chain = ssl ? SSL_get0_verified_chain(ssl) : NULL;
    int64_t end_s = INT64_MAX;
    for (int i = 0; i < sk_X509_num(chain); i++)
        if (end_of(sk_X509_value(chain, i)) < end_s)
            end_s = end_of(sk_X509_value(chain, i));
    return complain(end_s, utc_ns, "what the broker proves itself with", "tell who runs it", text);
}
