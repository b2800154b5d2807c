-- The roles and the database, as docs/operations.md tells; for psql, as a superuser, on a server without them.
-- MIGRATE_PASSWORD_FILE, APP_PASSWORD_FILE, WORKER_PASSWORD_FILE and ADMIN_PASSWORD_FILE name the files with the
-- passwords, so that no list of processes shows them.
\set ON_ERROR_STOP on
\getenv migrate_file MIGRATE_PASSWORD_FILE
\getenv app_file APP_PASSWORD_FILE
\getenv worker_file WORKER_PASSWORD_FILE
\getenv admin_file ADMIN_PASSWORD_FILE
\set migrate_password `cat :'migrate_file'`
\set app_password `cat :'app_file'`
\set worker_password `cat :'worker_file'`
\set admin_password `cat :'admin_file'`

CREATE ROLE vad_migrate LOGIN PASSWORD :'migrate_password';
CREATE ROLE vad_app LOGIN PASSWORD :'app_password';
CREATE ROLE vad_worker LOGIN PASSWORD :'worker_password';
CREATE ROLE vad_admin LOGIN PASSWORD :'admin_password';
CREATE DATABASE vad OWNER vad_migrate;
REVOKE ALL ON DATABASE vad FROM PUBLIC;
GRANT CONNECT ON DATABASE vad TO vad_app, vad_worker, vad_admin;
