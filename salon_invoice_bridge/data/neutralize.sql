-- A copy of the database must not issue invoices: no keys, and nowhere to send.
DELETE FROM salon_invoice_connect;
DELETE FROM salon_invoice_credential;
INSERT INTO salon_invoice_credential (account_id, base_url)
SELECT id, 'http://127.0.0.1:9'
  FROM salon_invoice_account;
UPDATE salon_invoice_account
   SET key_set_at = NULL,
       state = CASE state WHEN 'draft' THEN 'draft' ELSE 'disconnected' END;
UPDATE res_company SET salon_account_id = NULL;
UPDATE pos_config SET salon_account_id = NULL;
