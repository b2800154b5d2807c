-- The two roles and the database, as docs/operations.md tells; for psql, as a superuser, on a server without them.
-- APP_PASSWORD_FILE and MIGRATE_PASSWORD_FILE name the files with the passwords, so that no list of processes shows them.
\set ON_ERROR_STOP on
\getenv app_file APP_PASSWORD_FILE
\getenv migrate_file MIGRATE_PASSWORD_FILE
\set app_password `cat :'app_file'`
\set migrate_password `cat :'migrate_file'`

CREATE ROLE vad_migrate LOGIN PASSWORD :'migrate_password';
CREATE ROLE vad_app LOGIN PASSWORD :'app_password';
CREATE DATABASE vad OWNER vad_migrate;
REVOKE ALL ON DATABASE vad FROM PUBLIC;
GRANT CONNECT ON DATABASE vad TO vad_app;
