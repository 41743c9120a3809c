-- A copy of the database must not issue invoices: no keys, and nowhere to send.
DELETE FROM salon_invoice_connect;
UPDATE salon_invoice_account
   SET api_key = NULL,
       public_key = NULL,
       key_set_at = NULL,
       base_url = 'http://127.0.0.1:9',
       state = CASE state WHEN 'draft' THEN 'draft' ELSE 'disconnected' END;
UPDATE res_company SET salon_account_id = NULL;
UPDATE pos_config SET salon_account_id = NULL;
