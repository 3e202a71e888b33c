#ifndef BMH_COPENSSL_SHIM_H
#define BMH_COPENSSL_SHIM_H

// OpenSSL's macros do not cross into Swift: each one in use stands here as a function of its name.
#include <string.h>
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <openssl/pem.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

static inline int bmh_openssl_ctx_set_min_version(SSL_CTX *ctx, int version) {
    return SSL_CTX_set_min_proto_version(ctx, version) == 1;
}

static inline void bmh_openssl_ctx_set_options(SSL_CTX *ctx, int tickets) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE
                                 | SSL_OP_PRIORITIZE_CHACHA | (tickets ? 0 : SSL_OP_NO_TICKET));
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

// What is noted about a connection while OpenSSL calls back; the application's data of its SSL object.
struct bmh_openssl_notes {
    long key_updates;
    int host;
    char fingerprint[40];
};

static inline struct bmh_openssl_notes *bmh_openssl_get_notes(SSL *ssl) {
    return (struct bmh_openssl_notes *)SSL_get_app_data(ssl);
}

static inline void bmh_openssl_set_notes(SSL *ssl, struct bmh_openssl_notes *notes) { SSL_set_app_data(ssl, notes); }

static inline void bmh_openssl_note_hello(SSL *ssl, int host, const char *fingerprint) {
    struct bmh_openssl_notes *notes = bmh_openssl_get_notes(ssl);
    if (notes == NULL) return;
    notes->host = host;
    strncpy(notes->fingerprint, fingerprint, sizeof notes->fingerprint - 1);
}

static inline const char *bmh_openssl_fingerprint(const struct bmh_openssl_notes *notes) {
    return notes->fingerprint;
}

static inline void bmh_openssl_free(void *memory) { OPENSSL_free(memory); }

// Counts the KeyUpdate messages that a peer sends.
static inline void bmh_openssl_note_message(int is_write, int version, int type, const void *bytes, size_t length,
                                            SSL *ssl, void *argument) {
    (void)version;
    (void)argument;
    if (is_write || type != SSL3_RT_HANDSHAKE || length < 1) return;
    if (*(const unsigned char *)bytes != SSL3_MT_KEY_UPDATE) return;
    struct bmh_openssl_notes *notes = bmh_openssl_get_notes(ssl);
    if (notes != NULL) notes->key_updates++;
}

static inline void bmh_openssl_ctx_count_key_updates(SSL_CTX *ctx) {
    SSL_CTX_set_msg_callback(ctx, bmh_openssl_note_message);
}

static inline void bmh_openssl_ctx_set_owner(SSL_CTX *ctx, void *owner) { SSL_CTX_set_app_data(ctx, owner); }

static inline void *bmh_openssl_ctx_owner(SSL *ssl) { return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)); }

static inline int bmh_openssl_set_min_version(SSL *ssl, int version) {
    return SSL_set_min_proto_version(ssl, version) == 1;
}

// Sets a ticket's cipher and code up with the 64 bytes of a key, to encrypt or to decrypt; 1 if that went well.
static inline int bmh_openssl_use_ticket_key(EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, const unsigned char *key,
                                             const unsigned char *iv, int encrypts) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key, 32),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, parameters) == 1
           && EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key + 32, iv, encrypts) == 1;
}

// HMAC-SHA-256 (RFC 2104) with both of its hashes already past the key. By the functions that OpenSSL 3 calls
// low-level: the newer ones allocate ten times for each message, which is most of what a short one costs.
struct bmh_openssl_hmac_key {
    SHA256_CTX inner, outer;
};

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

static inline struct bmh_openssl_hmac_key bmh_openssl_hmac_prepare(const unsigned char *secret, size_t length) {
    unsigned char block[SHA256_CBLOCK] = {0};
    struct bmh_openssl_hmac_key key;
    if (length > sizeof block) SHA256(secret, length, block);
    else if (length > 0) memcpy(block, secret, length);
    for (size_t i = 0; i < sizeof block; i++) block[i] ^= 0x36;
    SHA256_Init(&key.inner);
    SHA256_Update(&key.inner, block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++) block[i] ^= 0x36 ^ 0x5c;
    SHA256_Init(&key.outer);
    SHA256_Update(&key.outer, block, sizeof block);
    OPENSSL_cleanse(block, sizeof block);
    return key;
}

// Writes the 32 bytes of the code of a message.
static inline void bmh_openssl_hmac(const struct bmh_openssl_hmac_key *key, const void *message, size_t length,
                                    unsigned char *code) {
    SHA256_CTX hash = key->inner;
    SHA256_Update(&hash, message, length);
    SHA256_Final(code, &hash);
    hash = key->outer;
    SHA256_Update(&hash, code, SHA256_DIGEST_LENGTH);
    SHA256_Final(code, &hash);
}

#pragma clang diagnostic pop

static inline void bmh_openssl_ctx_set_status_callback(SSL_CTX *ctx, int (*callback)(SSL *, void *), void *argument) {
    SSL_CTX_set_tlsext_status_cb(ctx, callback);
    SSL_CTX_set_tlsext_status_arg(ctx, argument);
}

// Staples a copy of the response; 1 if there was memory for it.
static inline int bmh_openssl_staple(SSL *ssl, const unsigned char *response, long length) {
    unsigned char *copy = (unsigned char *)OPENSSL_memdup(response, (size_t)length);
    if (copy == NULL) return 0;
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, length);
    return 1;
}

// Trusts the authorities in the file to sign clients' certificates, and names them to clients; 1 if it has any.
static inline int bmh_openssl_ctx_trust_clients(SSL_CTX *ctx, const char *path) {
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(path);
    if (names == NULL) return 0;
    SSL_CTX_set_client_CA_list(ctx, names);
    return SSL_CTX_load_verify_file(ctx, path);
}

// Refuses clients' certificates that the list in the file revokes; 1 if the file holds one.
static inline int bmh_openssl_ctx_revoke_clients(SSL_CTX *ctx, const char *path) {
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (lookup == NULL || X509_load_crl_file(lookup, path, X509_FILETYPE_PEM) < 1) return 0;
    return X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
}

// The peer's certificate in DER form, to be freed by bmh_openssl_free; its length, or 0 if there is none.
static inline int bmh_openssl_peer_certificate(SSL *ssl, unsigned char **bytes) {
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    *bytes = NULL;
    int length = certificate == NULL ? 0 : i2d_X509(certificate, bytes);
    return length > 0 ? length : 0;
}

// The subject of the peer's certificate in the form of RFC 2253; the length written, or 0.
static inline int bmh_openssl_peer_subject(SSL *ssl, char *text, int room) {
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    BIO *bio = certificate == NULL ? NULL : BIO_new(BIO_s_mem());
    if (bio == NULL) return 0;
    int length = 0;
    if (X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) >= 0)
        length = BIO_read(bio, text, room);
    BIO_free(bio);
    return length > 0 ? length : 0;
}

static inline void bmh_openssl_ctx_set_session_cache_off(SSL_CTX *ctx) {
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
}

static inline int bmh_openssl_ctx_set_groups(SSL_CTX *ctx, const char *groups) {
    return SSL_CTX_set1_groups_list(ctx, groups) == 1;
}

static inline void bmh_openssl_ctx_set_servername_callback(SSL_CTX *ctx, int (*callback)(SSL *, int *, void *),
                                                           void *argument) {
    SSL_CTX_set_tlsext_servername_callback(ctx, callback);
    SSL_CTX_set_tlsext_servername_arg(ctx, argument);
}

static inline int bmh_openssl_set_host_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name) == 1;
}

static inline void bmh_openssl_bio_retry_read(BIO *bio) {
    BIO_clear_retry_flags(bio);
    BIO_set_retry_read(bio);
}

static inline void bmh_openssl_bio_retry_write(BIO *bio) {
    BIO_clear_retry_flags(bio);
    BIO_set_retry_write(bio);
}

static inline void bmh_openssl_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

static inline EVP_PKEY *bmh_openssl_generate_ed25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

static inline EVP_PKEY *bmh_openssl_generate_p256(void) { return EVP_EC_gen("P-256"); }

static inline void *bmh_openssl_memory_bio_contents(BIO *bio, long *length) {
    char *contents = NULL;
    *length = BIO_get_mem_data(bio, &contents);
    return contents;
}

static inline int bmh_openssl_general_name_count(void *names) { return sk_GENERAL_NAME_num((GENERAL_NAMES *)names); }

// The bytes of the name at `index` if it is a DNS name, which live as long as `names`; NULL otherwise.
static inline const unsigned char *bmh_openssl_general_name_dns(void *names, int index, int *length) {
    GENERAL_NAME *name = sk_GENERAL_NAME_value((GENERAL_NAMES *)names, index);
    if (name == NULL || name->type != GEN_DNS) return NULL;
    *length = ASN1_STRING_length(name->d.dNSName);
    return ASN1_STRING_get0_data(name->d.dNSName);
}

static inline void bmh_openssl_free_general_names(void *names) { GENERAL_NAMES_free((GENERAL_NAMES *)names); }

#endif
