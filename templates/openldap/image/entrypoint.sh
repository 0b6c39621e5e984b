#!/bin/bash
# Makes the directory on the first start, whole or not at all, and becomes the server. Options are those of the
# official image; none of them matters here.
set -euo pipefail

domain=${LDAP_DOMAIN:-example.org}
base=${LDAP_BASE_DN:-dc=${domain//./,dc=}}
admin="cn=admin,$base"
done_once=/etc/ldap/slapd.d/.devenv-complete

case ".$(sed -E 's/,?dc=/./g' <<<"$base")" in
  *".$domain") ;;
  *) echo "LDAP_BASE_DN ($base) does not fit LDAP_DOMAIN ($domain)" >&2; exit 1 ;;
esac

server=(slapd -d "${LDAP_LOG_LEVEL:-0}" -u openldap -g openldap -F /etc/ldap/slapd.d)

stop() {
  kill -INT "$1"
  wait "$1" || true
}

configuration() {
  cat <<LDIF
dn: cn=config
objectClass: olcGlobal
cn: config
olcPidFile: /run/slapd/slapd.pid

dn: cn=module,cn=config
objectClass: olcModuleList
cn: module
olcModulePath: /usr/lib/ldap
olcModuleLoad: back_mdb
olcModuleLoad: memberof
olcModuleLoad: refint

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

include: file:///etc/ldap/schema/core.ldif
include: file:///etc/ldap/schema/cosine.ldif
include: file:///etc/ldap/schema/nis.ldif
include: file:///etc/ldap/schema/inetorgperson.ldif

dn: olcDatabase={-1}frontend,cn=config
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {-1}frontend

dn: olcDatabase={0}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {0}config
olcRootDN: cn=admin,cn=config
olcRootPW: $(slappasswd -s "${LDAP_CONFIG_PASSWORD:-config}")

dn: olcDatabase={1}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {1}mdb
olcDbDirectory: /var/lib/ldap
olcDbMaxSize: 1073741824
olcSuffix: $base
olcRootDN: $admin
olcRootPW: $(slappasswd -s "${LDAP_ADMIN_PASSWORD:-admin}")
olcDbIndex: objectClass eq
olcDbIndex: cn,uid,mail eq,sub
olcDbIndex: member,memberOf eq
olcAccess: to attrs=userPassword,shadowLastChange by self write by dn="$admin" write by anonymous auth by * none
olcAccess: to * by self read by dn="$admin" write by * none

dn: olcOverlay=memberof,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcMemberOf
olcOverlay: memberof

dn: olcOverlay=refint,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcRefintConfig
olcOverlay: refint
olcRefintAttribute: owner manager uniqueMember member memberOf
LDIF
}

root() {
  cat <<LDIF
dn: $base
objectClass: top
objectClass: dcObject
objectClass: organization
o: ${LDAP_ORGANISATION:-Example Inc.}
dc: $(sed -E 's/^dc=([^,]*).*/\1/' <<<"$base")

dn: $admin
objectClass: simpleSecurityObject
objectClass: organizationalRole
cn: admin
description: LDAP administrator
userPassword: $(slappasswd -s "${LDAP_ADMIN_PASSWORD:-admin}")
LDIF
}

if [ ! -e "$done_once" ]; then
  find /etc/ldap/slapd.d /var/lib/ldap -mindepth 1 -delete
  configuration >/tmp/config.ldif
  slapadd -n 0 -F /etc/ldap/slapd.d -l /tmp/config.ldif
  root | slapadd -n 1 -F /etc/ldap/slapd.d
  rm /tmp/config.ldif
  chown -R openldap:openldap /etc/ldap/slapd.d /var/lib/ldap
  "${server[@]}" -h ldapi:/// &
  first=$!
  trap 'stop "$first"; exit 1' INT TERM ERR
  until ldapwhoami -x -H ldapi:/// >/dev/null 2>&1; do
    kill -0 "$first"
    sleep 0.1
  done
  for file in /container/service/slapd/assets/config/bootstrap/ldif/custom/*.ldif; do
    [ -e "$file" ] || continue
    echo "adding the entries of $(basename "$file")"
    if grep -qi '^changetype:' "$file"; then program=ldapmodify; else program=ldapadd; fi
    sed -e "s/{{ LDAP_BASE_DN }}/$base/g" -e "s/{{ LDAP_DOMAIN }}/$domain/g" "$file" \
      | "$program" -x -H ldapi:/// -D "$admin" -w "${LDAP_ADMIN_PASSWORD:-admin}"
  done
  trap - INT TERM ERR
  stop "$first"
  touch "$done_once"
fi
chown -R openldap:openldap /etc/ldap/slapd.d /var/lib/ldap /run/slapd
exec "${server[@]}" -h "ldap:/// ldapi:///"
